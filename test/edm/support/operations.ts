import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { Edm, odata } from "../../../src/edm/index.js";

/** Classes with every kind of operation. */

export const Size = Edm.enumeration("Store.Size", { small: 0, large: 1 });
export const Code = Edm.typeDefinition("Store.Code", "Edm.String", { maxLength: 8 });

/** A complex type that only an operation gives back. */
@odata.namespace("Store")
export class Stats {
  @Edm.Double average?: number;
}

/** A complex type that only parameters have. */
@odata.namespace("Store")
export class Range {
  @Edm.Int32 from?: number;
}

@odata.namespace("Store")
export class Article {
  @Edm.Key @Edm.Int32 id!: number;
  @Edm.Double price?: number;
  @Edm.Partner("articles") @Edm.EntityType(Edm.ForwardRef(() => Shelf)) shelf?: object;

  @Edm.Function(Edm.Double)
  @Edm.Required
  total(@Edm.Double taxRate: number): number {
    return (this.price ?? 0) * (1 + taxRate);
  }

  @Edm.OperationName("total")
  @Edm.Required
  @Edm.Function(Edm.Double)
  totalWith(@Edm.Double taxRate: number, @Edm.Required @Edm.Int32 count: number): number {
    return this.total(taxRate) * count;
  }

  @Edm.Function(Edm.EntityType(Edm.ForwardRef(() => Shelf)))
  @Edm.EntitySetPath("bindingParameter/shelf")
  @Edm.Composable
  place(): void {}

  @Edm.Action
  retire(): void {}
}

@odata.namespace("Store")
export class Special extends Article {
  @Edm.String feature?: string;

  @Edm.Action(Edm.ComplexType(Stats))
  promote(@odata.context _context: object, @Edm.ComplexType(Range) range: Range): Stats {
    return { average: range.from ?? 0 };
  }
}

@odata.namespace("Store")
export class Shelf {
  @Edm.Key @Edm.Guid id!: string;
  @Edm.Collection(Edm.EntityType(Article)) articles?: Article[];
}

export class BaseController extends ODataController {
  @Edm.Function(Edm.Int64)
  tally(): number {
    return 0;
  }

  @Edm.Action
  clear(): void {}
}

@odata.type(Article)
export class ArticlesController extends BaseController {
  @Edm.Action
  override clear(): void {}

  @odata.namespace("Store.Reports")
  @Edm.MaxLength(20)
  @Edm.Nullable
  @Edm.Collection(Edm.String)
  @Edm.Function
  labels(
    @Edm.Collection(Edm.EnumType(Size)) sizes: string[],
    @Edm.Collection(Edm.Int32) numbers: number[],
    @Edm.EntityType(Edm.ForwardRef(() => Shelf)) shelf: object,
    @odata.result _articles: Article[],
    @Edm.MaxLength(5) @Edm.TypeDefinition(Code) @Edm.Term("Org.OData.Core.V1.Description", "A code") code: string,
  ): string[] {
    return [String([sizes, numbers, shelf, code].length)];
  }

  @Edm.BoundTo(Edm.Collection(Edm.EntityType(Special)))
  @Edm.Action
  promoteAll(): void {}
}

@odata.type(Shelf)
export class ShelvesController extends BaseController {}

@odata.namespace("Store")
@odata.controller(ArticlesController, "Articles")
@odata.controller(ShelvesController, "Shelves")
@odata.types(Special)
@odata.alias("s", "Store")
export class Store {
  @Edm.Import({ includeInServiceDocument: true, annotations: { "Org.OData.Core.V1.Description": "The best" } })
  @Edm.Term("Org.OData.Core.V1.Description", "The ten best")
  @Edm.ReturnTerm("Org.OData.Core.V1.Ordered")
  @Edm.BoundTo(Edm.Collection(Edm.EntityType(Article)))
  @Edm.FunctionImport(Edm.Collection(Edm.EntityType(Article)))
  top(): Article[] {
    return [];
  }

  @Edm.OperationName("top")
  @Edm.FunctionImport(Edm.Collection(Edm.EntityType(Article)))
  topOf(@Edm.Required @Edm.Int32 count: number, @Edm.ParameterName("in") @Edm.String shelf: string): Article[] {
    return [count, shelf].length > 2 ? [{} as Article] : [];
  }

  @Edm.Import({ name: "Shrink" })
  @Edm.ActionImport
  shrink(
    @Edm.Required @Edm.Double percentage: number,
    @Edm.DefaultValue(5) @Edm.Int32 atMost: number,
    @Edm.Optional() @Edm.String why?: string,
  ): void {
    void [percentage, atMost, why];
  }
}
