import type {
  ComplexType,
  EntityContainer,
  EntityType,
  EnumType,
  Model,
  NavigationProperty,
  Operation,
  OperationImport,
  Property,
  ReturnType,
  Schema,
  TypeDefinition,
} from "../model.js";
import type { Annotation, AnnotationValue, Facets, NavigationPropertyBindingSource } from "../source.js";
import type { CsdlOptions } from "./options.js";
import { operationsOf, propertiesOf, vocabularyBase } from "./options.js";
import { TermNames } from "./vocabularies.js";

/**
 * Writes a model as a CSDL JSON document (CSDL JSON 4.01), deterministic and indented by two spaces. Members whose value
 * is the standard's default are left out.
 *
 * @example writeCsdlJson(model, { version: "4.01" })
 */
export function writeCsdlJson(model: Model, options: CsdlOptions): string {
  return new JsonWriter(model, options).write();
}

type Json = AnnotationValue;
/** The members of an object in order; those that are `undefined` are left out. */
type Members = readonly (readonly [name: string, value: Json | undefined])[];

class JsonWriter {
  readonly #model: Model;
  readonly #version: CsdlOptions["version"];
  readonly #terms: TermNames;

  constructor(model: Model, { version }: CsdlOptions) {
    this.#model = model;
    this.#version = version;
    this.#terms = new TermNames(model);
  }

  write(): string {
    const { namespace, name } = this.#model.container;
    const references = this.#terms.references.map(
      ({ namespace, alias }) =>
        [
          `${vocabularyBase}${namespace}.json`,
          {
            $Include: [
              object([
                ["$Namespace", namespace],
                ["$Alias", alias],
              ]),
            ],
          },
        ] as const,
    );
    const document = object([
      ["$Version", this.#version],
      ["$EntityContainer", `${namespace}.${name}`],
      ["$Reference", objectOrNone(references)],
      ...this.#model.schemas.map((schema) => [schema.namespace, this.#schema(schema)] as const),
    ]);
    return `${JSON.stringify(document, undefined, 2)}\n`;
  }

  #schema(schema: Schema): Json {
    const { container } = this.#model;
    return object([
      ["$Alias", schema.alias],
      ...this.#annotations(schema.annotations),
      ...schema.enumTypes.map((type) => [type.name, this.#enumType(type)] as const),
      ...schema.typeDefinitions.map((type) => [type.name, this.#typeDefinition(type)] as const),
      ...schema.complexTypes.map((type) => [type.name, this.#structuredType(type)] as const),
      ...schema.entityTypes.map((type) => [type.name, this.#structuredType(type)] as const),
      ...this.#operations(operationsOf(schema.operations, this.#version)),
      ...(schema.declaresContainer ? [[container.name, this.#container(container)] as const] : []),
    ]);
  }

  /** Section 10. */
  #enumType(type: EnumType): Json {
    const underlyingType = type.underlyingType.qualifiedName;
    return object([
      ["$Kind", "EnumType"],
      ["$UnderlyingType", underlyingType === "Edm.Int32" ? undefined : underlyingType],
      ["$IsFlags", type.flags || undefined],
      ...this.#annotations(type.annotations),
      ...type.members,
    ]);
  }

  /** Section 11. */
  #typeDefinition(type: TypeDefinition): Json {
    return object([
      ["$Kind", "TypeDefinition"],
      ["$UnderlyingType", type.underlyingType.qualifiedName],
      ...this.#facets(type.facets),
      ...this.#annotations(type.annotations),
    ]);
  }

  /** Sections 6 and 9. */
  #structuredType(type: ComplexType | EntityType): Json {
    const { baseType } = type;
    const ofEntity = type.kind === "entity";
    return object([
      ["$Kind", ofEntity ? "EntityType" : "ComplexType"],
      ["$BaseType", baseType?.qualifiedName],
      ["$Abstract", type.abstract || undefined],
      // Open types and media entity types pass it on to the types that derive from them.
      ["$OpenType", (type.open && baseType?.open !== true) || undefined],
      ["$HasStream", (ofEntity && type.hasStream && type.baseType?.hasStream !== true) || undefined],
      ["$Key", ofEntity && type.declaresKey ? type.key.map(({ name }) => name) : undefined],
      ...this.#annotations(type.annotations),
      ...propertiesOf(type, this.#version).map((property) => [property.name, this.#property(property)] as const),
      ...type.ownNavigationProperties.map((property) => [property.name, this.#navigationProperty(property)] as const),
    ]);
  }

  /** Section 7. */
  #property(property: Property): Json {
    const { type, collection, defaultValue } = property;
    const hasDefault = !collection && defaultValue !== null && typeof defaultValue !== "object";
    return object([
      ["$Type", type.qualifiedName === "Edm.String" ? undefined : type.qualifiedName],
      ["$Collection", collection || undefined],
      // Absent means false, where CSDL XML means true.
      ["$Nullable", property.nullable || undefined],
      ...this.#facets(property.facets),
      // Section 7.2.7: of primitive and enumeration types only; that of a nullable property is null by itself.
      ["$DefaultValue", hasDefault ? defaultValue : undefined],
      ...this.#annotations(property.annotations),
    ]);
  }

  /** Section 7.2. Absent, `$Scale` means `variable`, where CSDL XML means 0. */
  #facets({ maxLength, precision, scale, srid, unicode }: Facets): Members {
    const scaleOfVersion = scale === "floating" && this.#version === "4.0" ? "variable" : scale;
    return [
      // CSDL JSON has no `max`.
      ["$MaxLength", maxLength === "max" ? undefined : maxLength],
      ["$Precision", precision],
      ["$Scale", scaleOfVersion === "variable" ? undefined : scaleOfVersion],
      // A text, even where it is a number.
      ["$SRID", srid === undefined ? undefined : String(srid)],
      ["$Unicode", unicode === false ? false : undefined],
    ];
  }

  /** Section 8. */
  #navigationProperty(property: NavigationProperty): Json {
    const { collection, referentialConstraints } = property;
    const constraints = referentialConstraints.map((one) => [one.property, one.referencedProperty] as const);
    return object([
      ["$Kind", "NavigationProperty"],
      ["$Type", property.type.qualifiedName],
      ["$Collection", collection || undefined],
      // Not to be specified for a collection.
      ["$Nullable", (!collection && property.nullable) || undefined],
      ["$Partner", property.partner],
      ["$ContainsTarget", property.containsTarget || undefined],
      ["$ReferentialConstraint", objectOrNone(constraints)],
      ["$OnDelete", property.onDelete],
      ...this.#annotations(property.annotations),
    ]);
  }

  /** Section 12: the overloads of a name are the items of an array. */
  #operations(operations: readonly Operation[]): Members {
    const overloads = new Map<string, Json[]>();
    for (const operation of operations) {
      overloads.set(operation.name, [...(overloads.get(operation.name) ?? []), this.#operation(operation)]);
    }
    return [...overloads];
  }

  #operation(operation: Operation): Json {
    const { parameters, returnType } = operation;
    const ofParameters = parameters.map((parameter) => object([["$Name", parameter.name], ...this.#typed(parameter)]));
    return object([
      ["$Kind", operation.kind === "action" ? "Action" : "Function"],
      ["$IsBound", operation.bound || undefined],
      ["$EntitySetPath", operation.entitySetPath],
      ["$IsComposable", operation.composable || undefined],
      ["$Parameter", ofParameters.length === 0 ? undefined : ofParameters],
      ["$ReturnType", returnType && object(this.#typed(returnType))],
      ...this.#annotations(operation.annotations),
    ]);
  }

  /** Sections 12.8 and 12.9. */
  #typed({ type, collection, nullable, facets, annotations }: ReturnType): Members {
    return [
      ["$Type", type.qualifiedName === "Edm.String" ? undefined : type.qualifiedName],
      ["$Collection", collection || undefined],
      // The items of a collection of entities are never null; it does not say so.
      ["$Nullable", (nullable && !(collection && type.kind === "entity")) || undefined],
      ...this.#facets(facets),
      ...this.#annotations(annotations),
    ];
  }

  /** Section 13. */
  #container(container: EntityContainer): Json {
    const sets = [...container.entitySets.values()].map((set) => {
      const members = this.#sourceMembers(set);
      return [set.name, object([["$Collection", true], ["$Type", set.entityType.qualifiedName], ...members])] as const;
    });
    const singletons = [...container.singletons.values()].map((singleton) => {
      const members = this.#sourceMembers(singleton);
      return [singleton.name, object([["$Type", singleton.entityType.qualifiedName], ...members])] as const;
    });
    const imports = [...container.operationImports.values()]
      .filter(({ operations }) => operationsOf(operations, this.#version).length > 0)
      .map((one) => [one.name, this.#operationImport(one)] as const);
    return object([
      ["$Kind", "EntityContainer"],
      ...this.#annotations(container.annotations),
      ...sets,
      ...singletons,
      ...imports,
    ]);
  }

  /** Sections 13.5 and 13.6. */
  #operationImport({ kind, operations, entitySet, includeInServiceDocument, annotations }: OperationImport): Json {
    return object([
      [kind === "functionImport" ? "$Function" : "$Action", operations[0]!.qualifiedName],
      ["$EntitySet", entitySet?.name],
      ["$IncludeInServiceDocument", includeInServiceDocument || undefined],
      ...this.#annotations(annotations),
    ]);
  }

  #sourceMembers(source: {
    readonly bindings: readonly NavigationPropertyBindingSource[];
    readonly annotations: readonly Annotation[];
  }): Members {
    const bindings = source.bindings.map(({ path, target }) => [path, target] as const);
    return [["$NavigationPropertyBinding", objectOrNone(bindings)], ...this.#annotations(source.annotations)];
  }

  /** Section 14.2. */
  #annotations(annotations: readonly Annotation[]): Members {
    return annotations.flatMap(({ term, qualifier, value, annotations: ofAnnotation = [] }) => {
      const simple = `@${this.#terms.shorten(term)}`;
      const name = qualifier === undefined ? simple : `${simple}#${qualifier}`;
      const others = this.#annotations(ofAnnotation).map(([other, said]) => [`${name}${other}`, said] as const);
      return [[name, value] as const, ...others];
    });
  }
}

/** `Object.fromEntries` defines its members, so that one called `__proto__` is a member like any other. */
function object(members: Members): { readonly [name: string]: Json } {
  return Object.fromEntries(members.filter((member): member is [string, Json] => member[1] !== undefined));
}

function objectOrNone(members: Members): Json | undefined {
  return members.length === 0 ? undefined : object(members);
}
