import js from "@eslint/js";
import { createTypeScriptImportResolver } from "eslint-import-resolver-typescript";
import { importX } from "eslint-plugin-import-x";
import { defineConfig, globalIgnores } from "eslint/config";
import tseslint from "typescript-eslint";
import { layers } from "./scripts/lint/layers.js";

const root = import.meta.dirname;
/** What plain scripts for Node use of its globals. */
const nodeGlobals = [
  "Buffer",
  "URL",
  "clearInterval",
  "clearTimeout",
  "console",
  "fetch",
  "performance",
  "process",
  "setInterval",
  "setTimeout",
];

export default defineConfig(
  globalIgnores(["build/", "dist/", "coverage/", ".odatum/", "metadata/"]),
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  js.configs.recommended,
  {
    files: ["**/*.js", "**/*.mjs"],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, "readonly"])) },
  },
  {
    files: ["**/*.ts"],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", { disallowTypeAnnotations: false }],
      // What comes out of JSON and of databases is `unknown`, and `String` is how it is shown.
      "@typescript-eslint/no-base-to-string": "off",
      "@typescript-eslint/no-unused-vars": [
        "error",
        { argsIgnorePattern: "^_", varsIgnorePattern: "^_", destructuredArrayIgnorePattern: "^_" },
      ],
      "@typescript-eslint/switch-exhaustiveness-check": ["error", { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    files: ["src/**/*.ts"],
    plugins: { odatum: { rules: { layers } }, "import-x": importX },
    settings: {
      ...importX.flatConfigs.typescript.settings,
      "import-x/resolver-next": [createTypeScriptImportResolver({ project: root })],
    },
    rules: {
      "odatum/layers": ["error", { root }],
      "import-x/no-cycle": "error",
    },
  },
  {
    // Entities name each other both ways, in lambdas (TypeORM's relations, ForwardRef) that run when all are loaded.
    files: ["src/graph/model/**/*.ts", "samples/catalog/model/**/*.ts"],
    rules: {
      "import-x/no-cycle": "off",
      // ForwardRef is odata-v4-server's, and is typed `any` there.
      "@typescript-eslint/no-unsafe-argument": "off",
    },
  },
  {
    // Tests look into JSON as they please, hand over what types forbid, and chai's assertions are expressions.
    files: ["test/**/*.ts", "bench/**/*.ts"],
    rules: {
      "@typescript-eslint/no-explicit-any": "off",
      "@typescript-eslint/no-namespace": "off",
      "@typescript-eslint/no-unnecessary-type-assertion": "off",
      "@typescript-eslint/no-unsafe-argument": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-call": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
      "@typescript-eslint/no-unused-expressions": "off",
      "@typescript-eslint/require-await": "off",
      "@typescript-eslint/unbound-method": "off",
    },
  },
);
