import { Edm, odata } from "odatum";

export const namespace = "ComplianceService";

/** What can be said of a product's place in the shop; several members may hold at once. */
export const ProductStatus = Edm.enumeration(
  `${namespace}.ProductStatus`,
  { None: 0, InStock: 1, OnSale: 2, Discontinued: 4, Featured: 8 },
  { flags: true },
);

/** Without a precision there would be whole seconds only (CSDL 4.01, section 7.2.3). */
const seconds = { precision: 12 };

export const CalendarDate = Edm.typeDefinition(`${namespace}.CalendarDate`, "Edm.Date");
export const ClockTime = Edm.typeDefinition(`${namespace}.ClockTime`, "Edm.TimeOfDay", seconds);
export const ShippingDuration = Edm.typeDefinition(`${namespace}.ShippingDuration`, "Edm.Duration", seconds);
export const ProcessingDuration = Edm.typeDefinition(`${namespace}.ProcessingDuration`, "Edm.Duration", seconds);
export const TimeOffset = Edm.typeDefinition(`${namespace}.TimeOffset`, "Edm.Duration", seconds);

@odata.namespace(namespace)
export class Address {
  @Edm.MaxLength(100) @Edm.String Street!: string | null;
  @Edm.MaxLength(50) @Edm.Searchable @Edm.String City!: string | null;
  @Edm.MaxLength(2) @Edm.String State!: string | null;
  @Edm.MaxLength(10) @Edm.String PostalCode!: string | null;
  @Edm.MaxLength(50) @Edm.String Country!: string | null;
}

@odata.namespace(namespace)
export class Dimensions {
  @Edm.Precision(10) @Edm.Scale(2) @Edm.Double Length!: number | null;
  @Edm.Precision(10) @Edm.Scale(2) @Edm.Double Width!: number | null;
  @Edm.Precision(10) @Edm.Scale(2) @Edm.Double Height!: number | null;
  @Edm.MaxLength(10) @Edm.String Unit!: string | null;
}

/** What `GetProductStats` gives. */
@odata.namespace(namespace)
export class ProductStats {
  @Edm.Required @Edm.Int32 totalProducts!: number;
  @Edm.Double averagePrice!: number | null;
  @Edm.Double maxPrice!: number | null;
  @Edm.Double minPrice!: number | null;
}
