import { expect } from "chai";
import { Column, Entity, JoinColumn, ManyToOne, OneToMany, PrimaryColumn } from "typeorm";
import { createService, Edm, odata, ODataError, TypeOrmController } from "../../src/index.js";
import type { Service, Session } from "../../src/index.js";
import { freshStores, storeKinds } from "../support/stores.js";

@Entity("folder")
@odata.namespace("Files")
class Folder {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid id!: string;
  @Column("text") @Edm.Required @Edm.MaxLength(10) @Edm.String name!: string;
  @Column("integer") @Edm.Required @Edm.Generated("revision") @Edm.Int32 version!: number;
  @Column("text") @Edm.Required @Edm.Generated("createdAt") @Edm.DateTimeOffset created!: string;

  @OneToMany(() => File, (file) => file.folder)
  @Edm.Partner("folder")
  @Edm.Collection(Edm.EntityType(Edm.ForwardRef(() => File)))
  files?: File[];
}

@Entity("file")
@odata.namespace("Files")
class File {
  @PrimaryColumn("integer") @Edm.Key @Edm.Required @Edm.Int32 no!: number;
  @Column("text", { nullable: true }) @Edm.Guid folderId!: string | null;

  @ManyToOne(() => Folder, (folder) => folder.files, { nullable: true, onDelete: "CASCADE" })
  @JoinColumn({ name: "folderId" })
  @Edm.Partner("files")
  @Edm.ForeignKey("folderId")
  @Edm.EntityType(Folder)
  folder?: Folder | null;
}

@Entity("settings")
@odata.namespace("Files")
class Settings {
  @PrimaryColumn("text") @Edm.Key @Edm.Generated("guid") @Edm.Guid id!: string;
  @Column("integer") @Edm.Required @Edm.Generated("revision") @Edm.Int32 version!: number;
}

@odata.type(Folder)
@Edm.InsertRestrictions({ Insertable: false })
@Edm.UpdateRestrictions({ Updatable: false })
@Edm.DeleteRestrictions({ Deletable: false })
class Folders extends TypeOrmController {}

@odata.type(File)
class AllFiles extends TypeOrmController {}

/** Each action does what the test has put here. */
let work: (session: Session) => Promise<unknown>;

@odata.namespace("Files")
@odata.controller(Folders, "Folders")
@odata.controller(AllFiles, "Files")
@odata.singleton("Settings", Settings)
class Drive {
  @Edm.ActionImport
  async Run(@odata.session session: Session): Promise<void> {
    await work(session);
  }

  @Edm.FunctionImport(Edm.Boolean)
  async Look(@odata.session session: Session): Promise<boolean> {
    await work(session);
    return true;
  }
}

for (const kind of storeKinds) {
  describe(`entities that a service plants (${kind.name})`, () => {
    const store = freshStores(kind);
    let service: Service;

    beforeEach(async () => {
      service = await createService(Drive, { database: { url: store().url, synchronous: "NORMAL" } });
    });
    afterEach(() => service.close());

    async function ask(method: string, url: string): Promise<any> {
      const { body } = await service.handle({ method, url, headers: {}, serviceRoot: "http://files/" });
      return body === undefined ? undefined : JSON.parse(String(body));
    }

    const run = (what: typeof work) => {
      work = what;
      return ask("POST", "/Run");
    };

    it("have the values that they are given, those too that only the service writes", async () => {
      const folder = {
        id: "00000000-0000-0000-0000-000000000001",
        name: "a",
        version: 7,
        created: "2001-02-03T04:05:06Z",
      };
      let key: unknown;
      await run(async (session) => (key = await session.plant("Folders", folder)));
      expect(key).to.deep.equal([folder.id]);
      expect((await ask("GET", "/Folders")).value[0]).to.deep.include(folder);
    });

    it("get from the service what they do not say", async () => {
      await run((session) => session.plant("Folders", { name: "a" }));
      const [folder] = (await ask("GET", "/Folders")).value;
      expect(folder.id).to.match(/^[0-9a-f-]{36}$/);
      expect(folder.version).to.equal(1);
    });

    it("take the place of what has their key, as of the singleton", async () => {
      const id = "00000000-0000-0000-0000-000000000001";
      await run(async (session) => {
        await session.plant("Folders", { id, name: "a", version: 7 });
        await session.plant("Folders", { id, name: "b", version: 3 });
        await session.plant("Settings", { version: 9 });
      });
      expect((await ask("GET", "/Folders?$select=name,version")).value).to.have.length(1);
      expect(await ask("GET", `/Folders(${id})`)).to.include({ name: "b", version: 3 });
      const before = await ask("GET", "/Settings");
      expect(before.version).to.equal(9);
    });

    it("go with all that belongs to them", async () => {
      await run(async (session) => {
        const [folderId] = await session.plant("Folders", { name: "a" });
        await session.plant("Files", { no: 1, folderId });
        await session.plant("Files", { no: 2 });
        await session.clear("Folders");
      });
      expect((await ask("GET", "/Folders")).value).to.deep.equal([]);
      expect((await ask("GET", "/Files?$select=no")).value.map(({ no }: File) => no)).to.deep.equal([2]);
    });

    it("fit their types, or nothing is kept", async () => {
      const error = await run(async (session) => {
        await session.plant("Files", { no: 1 });
        await session.plant("Folders", { name: "much too long" });
      }).catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(ODataError).with.property("status", 400);
      expect((await ask("GET", "/Files")).value).to.deep.equal([]);
    });

    it("come from no function, and into no set that is not there", async () => {
      work = (session) => session.plant("Files", { no: 1 });
      expect(await ask("GET", "/Look()").catch((thrown: unknown) => thrown)).to.be.instanceOf(TypeError);
      for (const what of [
        (session: Session) => session.plant("Nothing", {}),
        (session: Session) => session.clear("Settings"),
      ]) {
        expect(await run(what).catch((thrown: unknown) => thrown)).to.be.instanceOf(TypeError);
      }
    });
  });
}
