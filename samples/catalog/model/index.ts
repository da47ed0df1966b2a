export * from "./category.js";
export * from "./company.js";
export * from "./items.js";
export * from "./product-description.js";
export * from "./product.js";
export * from "./types.js";
