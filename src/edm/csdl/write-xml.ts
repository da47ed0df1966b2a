import type {
  ComplexType,
  EntityContainer,
  EntitySet,
  EntityType,
  EnumType,
  Model,
  NavigationProperty,
  Operation,
  OperationImport,
  Property,
  ReturnType,
  Schema,
  Singleton,
  TypeDefinition,
} from "../model.js";
import type { Annotation, AnnotationValue, Facets } from "../source.js";
import { ModelError } from "../model-error.js";
import type { CsdlOptions } from "./options.js";
import { operationsOf, propertiesOf, vocabularyBase } from "./options.js";
import type { TextExpression } from "./vocabularies.js";
import { isCollection, isTypeName, parseAnnotationName, TermNames, typeNameOf } from "./vocabularies.js";
import type { XmlElement } from "./xml.js";
import { element, writeXml } from "./xml.js";

/**
 * Writes a model as a CSDL XML document (CSDL XML 4.01), deterministic and indented by two spaces.
 *
 * @throws {ModelError} where the value of an annotation is a dynamic expression other than a path
 * @example writeCsdlXml(model, { version: "4.01" })
 */
export function writeCsdlXml(model: Model, options: CsdlOptions): string {
  return new XmlWriter(model, options).write();
}

class XmlWriter {
  readonly #model: Model;
  readonly #version: CsdlOptions["version"];
  readonly #terms: TermNames;

  constructor(model: Model, { version }: CsdlOptions) {
    this.#model = model;
    this.#version = version;
    this.#terms = new TermNames(model);
  }

  write(): string {
    const references = this.#terms.references.map(({ namespace, alias }) =>
      element("edmx:Reference", { Uri: `${vocabularyBase}${namespace}.xml` }, [
        element("edmx:Include", { Namespace: namespace, Alias: alias }),
      ]),
    );
    const services = element(
      "edmx:DataServices",
      {},
      this.#model.schemas.map((schema) => this.#schema(schema)),
    );
    const attributes = { "xmlns:edmx": "http://docs.oasis-open.org/odata/ns/edmx", Version: this.#version };
    return writeXml(element("edmx:Edmx", attributes, [...references, services]));
  }

  #schema(schema: Schema): XmlElement {
    const { namespace, alias } = schema;
    const attributes = { xmlns: "http://docs.oasis-open.org/odata/ns/edm", Namespace: namespace, Alias: alias };
    return element("Schema", attributes, [
      ...this.#annotations(schema.annotations),
      ...schema.enumTypes.map((type) => this.#enumType(type)),
      ...schema.typeDefinitions.map((type) => this.#typeDefinition(type)),
      ...schema.complexTypes.map((type) => this.#structuredType(type)),
      ...schema.entityTypes.map((type) => this.#structuredType(type)),
      ...operationsOf(schema.operations, this.#version).map((operation) => this.#operation(operation)),
      ...(schema.declaresContainer ? [this.#container(this.#model.container)] : []),
    ]);
  }

  /** Section 10. */
  #enumType(type: EnumType): XmlElement {
    const underlyingType = type.underlyingType.qualifiedName;
    const attributes = {
      Name: type.name,
      UnderlyingType: underlyingType === "Edm.Int32" ? undefined : underlyingType,
      IsFlags: type.flags || undefined,
    };
    return element("EnumType", attributes, [
      ...this.#annotations(type.annotations),
      ...[...type.members].map(([name, value]) => element("Member", { Name: name, Value: value })),
    ]);
  }

  /** Section 11. */
  #typeDefinition(type: TypeDefinition): XmlElement {
    const { name, underlyingType, facets } = type;
    return element(
      "TypeDefinition",
      {
        Name: name,
        UnderlyingType: underlyingType.qualifiedName,
        ...this.#facets(facets, underlyingType.qualifiedName),
      },
      this.#annotations(type.annotations),
    );
  }

  /** Sections 6 and 9. */
  #structuredType(type: ComplexType | EntityType): XmlElement {
    const { baseType } = type;
    const ofEntity = type.kind === "entity";
    const attributes = {
      Name: type.name,
      BaseType: baseType?.qualifiedName,
      Abstract: type.abstract || undefined,
      // Open types and media entity types pass it on to the types that derive from them.
      OpenType: (type.open && baseType?.open !== true) || undefined,
      HasStream: (ofEntity && type.hasStream && type.baseType?.hasStream !== true) || undefined,
    };
    const key =
      ofEntity && type.declaresKey
        ? [
            element(
              "Key",
              {},
              type.key.map(({ name }) => element("PropertyRef", { Name: name })),
            ),
          ]
        : [];
    return element(ofEntity ? "EntityType" : "ComplexType", attributes, [
      ...this.#annotations(type.annotations),
      ...key,
      ...propertiesOf(type, this.#version).map((property) => this.#property(property)),
      ...type.ownNavigationProperties.map((property) => this.#navigationProperty(property)),
    ]);
  }

  /** Section 7. */
  #property(property: Property): XmlElement {
    const { type, collection } = property;
    const attributes = {
      Name: property.name,
      Type: typeReference(type.qualifiedName, collection),
      // `true` is the default of a single value; of a collection the attribute has none and says what its items may be.
      Nullable: collection || !property.nullable ? property.nullable : undefined,
      ...this.#facets(property.facets, type.qualifiedName),
      DefaultValue: collection ? undefined : defaultValue(property.defaultValue),
    };
    return element("Property", attributes, this.#annotations(property.annotations));
  }

  /** Section 7.2. */
  #facets(facets: Facets, typeName: string): XmlElement["attributes"] {
    // Where nothing is declared any number of decimal places may come; absent, the attribute would mean none at all.
    const scale = facets.scale ?? (typeName === "Edm.Decimal" ? "variable" : undefined);
    return {
      // `max` is for 4.0 only, `floating` for 4.01.
      MaxLength: facets.maxLength === "max" && this.#version !== "4.0" ? undefined : facets.maxLength,
      Precision: facets.precision,
      Scale: scale === "floating" && this.#version === "4.0" ? "variable" : scale,
      SRID: facets.srid,
      Unicode: facets.unicode === false ? false : undefined,
    };
  }

  /** Section 8. */
  #navigationProperty(property: NavigationProperty): XmlElement {
    const { type, collection, referentialConstraints, onDelete } = property;
    const attributes = {
      Name: property.name,
      Type: typeReference(type.qualifiedName, collection),
      // Not to be specified for a collection.
      Nullable: collection || property.nullable ? undefined : false,
      Partner: property.partner,
      ContainsTarget: property.containsTarget || undefined,
    };
    return element("NavigationProperty", attributes, [
      ...this.#annotations(property.annotations),
      ...referentialConstraints.map((constraint) =>
        element("ReferentialConstraint", {
          Property: constraint.property,
          ReferencedProperty: constraint.referencedProperty,
        }),
      ),
      ...(onDelete === undefined ? [] : [element("OnDelete", { Action: onDelete })]),
    ]);
  }

  /** Section 12. */
  #operation(operation: Operation): XmlElement {
    const { kind, name, bound, composable, entitySetPath, parameters, returnType } = operation;
    const attributes = {
      Name: name,
      IsBound: bound || undefined,
      EntitySetPath: entitySetPath,
      IsComposable: composable || undefined,
    };
    return element(kind === "action" ? "Action" : "Function", attributes, [
      ...this.#annotations(operation.annotations),
      ...parameters.map((parameter) => this.#typed("Parameter", parameter.name, parameter)),
      ...(returnType === undefined ? [] : [this.#typed("ReturnType", undefined, returnType)]),
    ]);
  }

  /** Sections 12.8 and 12.9. */
  #typed(elementName: string, name: string | undefined, typed: ReturnType): XmlElement {
    const { type, collection, nullable } = typed;
    const attributes = {
      Name: name,
      Type: typeReference(type.qualifiedName, collection),
      // As of a property, but that a collection of entities says nothing: its items are never null.
      Nullable: collection && type.kind === "entity" ? undefined : collection || !nullable ? nullable : undefined,
      ...this.#facets(typed.facets, type.qualifiedName),
    };
    return element(elementName, attributes, this.#annotations(typed.annotations));
  }

  /** Section 13. */
  #container(container: EntityContainer): XmlElement {
    return element("EntityContainer", { Name: container.name }, [
      ...this.#annotations(container.annotations),
      ...[...container.entitySets.values()].map((set) =>
        element("EntitySet", { Name: set.name, EntityType: set.entityType.qualifiedName }, this.#sourceContent(set)),
      ),
      ...[...container.singletons.values()].map((singleton) =>
        element(
          "Singleton",
          { Name: singleton.name, Type: singleton.entityType.qualifiedName },
          this.#sourceContent(singleton),
        ),
      ),
      ...[...container.operationImports.values()]
        .filter(({ operations }) => operationsOf(operations, this.#version).length > 0)
        .map((one) => this.#operationImport(one)),
    ]);
  }

  /** Sections 13.5 and 13.6. */
  #operationImport({ kind, name, operations, entitySet, ...rest }: OperationImport): XmlElement {
    const ofFunction = kind === "functionImport";
    const attributes = {
      Name: name,
      [ofFunction ? "Function" : "Action"]: operations[0]!.qualifiedName,
      EntitySet: entitySet?.name,
      IncludeInServiceDocument: rest.includeInServiceDocument || undefined,
    };
    return element(ofFunction ? "FunctionImport" : "ActionImport", attributes, this.#annotations(rest.annotations));
  }

  #sourceContent({ annotations, bindings }: EntitySet | Singleton): XmlElement[] {
    return [
      ...this.#annotations(annotations),
      ...bindings.map(({ path, target }) => element("NavigationPropertyBinding", { Path: path, Target: target })),
    ];
  }

  #annotations(annotations: readonly Annotation[]): XmlElement[] {
    return annotations.map((annotation) => this.#annotation(annotation));
  }

  /** Section 14.2. */
  #annotation({ term, qualifier, value, annotations = [] }: Annotation): XmlElement {
    const name = { Term: this.#terms.shorten(term), Qualifier: qualifier };
    return this.#withValue("Annotation", name, value, { term }, this.#annotations(annotations));
  }

  /** An element whose value is an expression: a constant as an attribute, anything else as an element. */
  #withValue(
    name: string,
    attributes: XmlElement["attributes"],
    value: AnnotationValue,
    of: ValueOf,
    annotations: readonly XmlElement[] = [],
  ): XmlElement {
    const expression = this.#expression(value, of);
    if (typeof expression.content === "string") {
      return element(name, { ...attributes, [expression.name]: expression.content }, annotations);
    }
    return element(name, attributes, [...annotations, expression]);
  }

  /** Sections 14.3 and 14.4: an expression as an element; a constant is one whose content is a text. */
  #expression(value: AnnotationValue, of: ValueOf): XmlElement {
    if (value === null) return element("Null");
    if (typeof value === "string") return this.#text(value, this.#terms.textExpression(of.term, of.property));
    if (typeof value === "boolean") return element("Bool", {}, String(value));
    if (typeof value === "number") return element(Number.isInteger(value) ? "Int" : "Decimal", {}, number(value));
    if (isCollection(value)) {
      return element(
        "Collection",
        {},
        value.map((item) => this.#expression(item, of)),
      );
    }
    return this.#record(value, of);
  }

  #text(value: string, expression: TextExpression | undefined): XmlElement {
    if (expression === undefined) return element("String", {}, value);
    if (expression.kind === "path") return element(expression.element, {}, value);
    // CSDL JSON separates the members of a flags enumeration by commas and leaves out their type.
    const type = this.#terms.shorten(expression.type);
    const members = value.split(",").map((member) => `${type}/${member.trim()}`);
    return element("EnumMember", {}, members.join(" "));
  }

  /** Section 14.4.12. */
  #record(value: { readonly [property: string]: AnnotationValue }, { term }: ValueOf): XmlElement {
    const members = Object.entries(value);
    const [first] = members;
    if (first !== undefined && first[0] === "$Path" && members.length === 1) {
      return element("Path", {}, String(first[1]));
    }
    let type: string | undefined;
    const ofRecord: XmlElement[] = [];
    const ofProperty = new Map<string, XmlElement[]>();
    const properties: (readonly [string, AnnotationValue])[] = [];
    for (const [name, member] of members) {
      const annotated = parseAnnotationName(name);
      if (annotated === undefined) {
        if (name.startsWith("$")) {
          throw new ModelError(
            `An annotation with the term '${term}' holds a '${name}' expression; CSDL XML is written for paths only.`,
          );
        }
        properties.push([name, member]);
      } else if (annotated.property === "" && isTypeName(annotated.term)) {
        type = this.#terms.shorten(typeNameOf(member));
      } else {
        const annotation = this.#annotation({ ...annotated, value: member });
        if (annotated.property === "") ofRecord.push(annotation);
        else ofProperty.set(annotated.property, [...(ofProperty.get(annotated.property) ?? []), annotation]);
      }
    }
    return element("Record", { Type: type }, [
      ...ofRecord,
      ...properties.map(([property, member]) =>
        this.#withValue("PropertyValue", { Property: property }, member, { term, property }, ofProperty.get(property)),
      ),
    ]);
  }
}

/** Whose value an expression is. */
interface ValueOf {
  readonly term: string;
  /** The record's property, where the expression stands in a record. */
  readonly property?: string;
}

function typeReference(qualifiedName: string, collection: boolean): string {
  return collection ? `Collection(${qualifiedName})` : qualifiedName;
}

/** Section 7.2.7: of primitive and enumeration types only; that of a nullable property is null by itself. */
function defaultValue(value: AnnotationValue | undefined): string | undefined {
  if (value === undefined || value === null || typeof value === "object") return undefined;
  return typeof value === "number" ? number(value) : String(value);
}

/** Negative zero is zero, as in JSON. */
function number(value: number): string {
  return String(value === 0 ? 0 : value);
}
