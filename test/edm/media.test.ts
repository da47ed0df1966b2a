import { expect } from "chai";
import { buildModel, Edm, ModelError, odata, readClasses } from "../../src/edm/index.js";
import { writeCsdlXml } from "../../src/edm/csdl/index.js";
import type { DecoratedClass, EntityType } from "../../src/edm/index.js";
import { Gallery } from "../support/gallery.js";

const gallery = buildModel(readClasses(Gallery).source);
const entity = (name: string) => gallery.types.get(`Gallery.${name}`) as EntityType;

describe("media entities and stream properties in a model", () => {
  it("have the media types that their decorators name", () => {
    const xml = writeCsdlXml(gallery, { version: "4.01" });
    expect(xml).to.match(/<EntityType Name="Picture" HasStream="true">/);
    expect(xml).to.match(
      /<Property Name="portrait" Type="Edm.Stream">\s*<Annotation Term="[\w.]*AcceptableMediaTypes">\s*<Collection>\s*<String>image\/\*<\/String>/,
    );
    // What takes anything says nothing.
    expect(xml.match(/AcceptableMediaTypes/g)).to.have.length(1);
  });

  it("have properties that tell of their contents", () => {
    const { properties } = entity("Picture");
    expect(properties.get("bytes")!.mediaFact).to.deep.equal({ fact: "size", stream: undefined });
    expect(entity("Artist").properties.get("portraitSize")!.mediaFact).to.deep.equal({
      fact: "size",
      stream: "portrait",
    });
    // A client may change a name, but no size.
    expect(["bytes", "mediaType", "name"].map((name) => properties.get(name)!.computed)).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it("have only properties that can tell of them", () => {
    @odata.namespace("Wrong")
    class Typed {
      @Edm.Key @Edm.Required @Edm.Int32 id!: number;
      @Edm.Stream photo!: unknown;
      @Edm.MediaFact("size", "photo") @Edm.String size!: string;
    }
    @odata.namespace("Wrong")
    class Named {
      @Edm.Key @Edm.Required @Edm.Int32 id!: number;
      @Edm.Stream photo!: unknown;
      @Edm.MediaFact("size", "foto") @Edm.Int64 size!: string;
    }
    @odata.namespace("Wrong")
    class Without {
      @Edm.Key @Edm.Required @Edm.Int32 id!: number;
      @Edm.MediaFact("contentType") @Edm.String type!: string;
    }
    expect(problem(Typed)).to.include("Wrong.Typed/size").and.to.include("Edm.Int64");
    expect(problem(Named)).to.include("Wrong.Named/size").and.to.include("'foto'");
    expect(problem(Without)).to.include("Wrong.Without/type").and.to.include("no media entity");
  });
});

/** Why a class makes no model. */
function problem(entityClass: DecoratedClass): string {
  @odata.namespace("Wrong")
  @odata.container("Container")
  @odata.types(entityClass)
  class Service {}
  try {
    buildModel(readClasses(Service).source);
  } catch (error) {
    if (error instanceof ModelError) return error.message;
    throw error;
  }
  throw new Error("It is a model.");
}
