import { Edm, odata, TypeOrmController } from "odatum";
import { Category, DecimalSample, MediaItem, ReadOnlyItem } from "../model/index.js";

export { ProductDescriptions, Products } from "./products.js";

@odata.type(Category)
@Edm.InsertRestrictions({ RequiredProperties: ["Name"] })
export class Categories extends TypeOrmController {}

@odata.type(MediaItem)
export class MediaItems extends TypeOrmController {}

/** What clients may only read: all else is answered with 405. */
@odata.type(ReadOnlyItem)
@Edm.InsertRestrictions({ Insertable: false })
@Edm.UpdateRestrictions({ Updatable: false })
@Edm.DeleteRestrictions({ Deletable: false })
export class ReadOnlyItems extends TypeOrmController {}

@odata.type(DecimalSample)
@Edm.InsertRestrictions({ RequiredProperties: ["Name"] })
export class DecimalSamples extends TypeOrmController {}
