export const categories = [
  { Name: "Electronics", Description: "Electronic devices and accessories" },
  { Name: "Kitchen", Description: "Kitchen appliances and utensils" },
  { Name: "Furniture", Description: "Home and office furniture" },
];

export const company = {
  Name: "TechStore Inc.",
  CEO: "Sarah Johnson",
  Founded: 2010,
  HeadQuarter: "Seattle, WA, USA",
  Website: "https://techstore.example.com",
  Version: 1,
  Logo: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100"/>'),
};

/** The contents stand in for real ones, and so they are not as long as their rows say. */
export const mediaItems = [
  { Name: "Sample Image", ContentType: "image/png", Size: "1024", content: "fake-png-binary-data" },
  { Name: "Sample Document", ContentType: "application/pdf", Size: "2048", content: "fake-pdf-binary-data" },
];

export const readOnlyItems = [{ Name: "Read-only item A" }, { Name: "Read-only item B" }];

export const decimalSamples = [{ Name: "Seed Decimal", Amount: "123.450000000000000000" }];
