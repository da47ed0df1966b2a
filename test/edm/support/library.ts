import { ODataController } from "odata-v4-server/build/lib/controller.js";
import { Edm, odata } from "../../../src/edm/index.js";

@odata.namespace("Library")
export class Shelf {
  @Edm.Key @Edm.String name!: string;
}

@odata.namespace("Library")
@Edm.AlternateKey("isbn")
@Edm.AlternateKey("title", { name: "year", alias: "published" })
export class Volume {
  @Edm.Key @Edm.Int32 id!: number;
  @Edm.Searchable @Edm.String title!: string;
  @Edm.String isbn!: string;
  @Edm.Int32 year!: number;
  @Edm.Concurrency @Edm.Generated("revision") @Edm.Int64 revision!: string;
  @Edm.Contained @Edm.Collection(Edm.EntityType(Shelf)) copies?: Shelf[];
}

@Edm.AlternateKey("issue")
export class Magazine extends Volume {
  @Edm.Int32 issue!: number;
  @Edm.Concurrency @Edm.String edition?: string;
}

@odata.type(Volume)
@Edm.Term("Org.OData.Capabilities.V1.SortRestrictions", { NonSortableProperties: ["title"] })
@Edm.Term("Org.OData.Core.V1.Description", "All volumes")
export class VolumesController extends ODataController {}

@odata.type(Shelf)
export class ShelvesController extends ODataController {}

@odata.namespace("Library")
@odata.controller(VolumesController, "Volumes")
@odata.controller(ShelvesController, "Shelves")
@odata.singleton("latest", Magazine, { "Org.OData.Core.V1.Description": "The latest issue" })
@odata.types(Magazine)
@Edm.Term("Org.OData.Core.V1.SchemaVersion", "2.1")
@Edm.Term("Org.OData.Capabilities.V1.KeyAsSegmentSupported", false)
export class Library {}
