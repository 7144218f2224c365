import type { CodegenConfig } from "@graphql-codegen/cli";

// Types beside each page's operations, from the committed client schema: no server is asked.
const config: CodegenConfig = {
  schema: "schema.graphql",
  documents: "src/**/*.graphql",
  generates: {
    // The enums and inputs that operations share.
    "src/graph/types.generated.ts": { plugins: ["typescript"], config: { onlyOperationTypes: true } },
    "src/": {
      preset: "near-operation-file",
      presetConfig: { extension: ".generated.ts", baseTypesPath: "graph/types.generated.ts" },
      plugins: ["typescript-operations", "typed-document-node"],
    },
  },
  config: {
    useTypeImports: true,
    enumsAsTypes: true,
    skipTypename: true,
    scalars: { Date: "string", DateTime: "string", Upload: "File", ID: "string" },
    strictScalars: true,
  },
};

export default config;
