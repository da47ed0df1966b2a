import type { Session } from "odatum";
import { Edm, odata, TypeOrmController } from "odatum";
import { Product, ProductDescription } from "../model/index.js";

/** The set of products, whose changes clients can follow, and the operations that are bound to it. */
@odata.type(Product)
@Edm.Description("What the shop sells")
@Edm.InsertRestrictions({ RequiredProperties: ["Name", "Price", "Status"] })
@Edm.ChangeTracking({
  FilterableProperties: ["Name", "Price", "CategoryID", "Status"],
  ExpandableProperties: ["Category", "Descriptions", "RelatedProducts"],
})
export class Products extends TypeOrmController {
  @Edm.Function(Edm.Double)
  GetAveragePrice(@odata.result products: readonly Product[]): number | null {
    if (products.length === 0) return null;
    return products.reduce((sum, { Price }) => sum + Price, 0) / products.length;
  }

  /** Writes each product anew, as it is: its version says that somebody has seen to it. */
  @Edm.Action
  async MarkAllAsReviewed(@odata.result products: readonly Product[], @odata.session session: Session): Promise<void> {
    for (const { ID, Status } of products) await session.update(`Products(${ID})`, { Status });
  }
}

@odata.type(ProductDescription)
export class ProductDescriptions extends TypeOrmController {}
