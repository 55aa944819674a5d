// Uploads a PDF, follows it, and searches by an image and by words; prints what came back.
import { readFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { paths } from "./api.js";

const [address, pdf, image] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: address });
const read = async (path: string) => new Blob([await readFile(path)]);
const asForm = (fields: object) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields))
    for (const each of Array.isArray(value) ? value : [value]) form.append(name, each, "file");
  return form;
};

const uploaded = await client.POST("/v1/documents", {
  body: { files: [await read(pdf)] },
  bodySerializer: asForm,
});
const byImage = await client.POST("/v1/search/image", {
  params: { query: { limit: 1, marks: true } },
  body: { image: await read(image) },
  bodySerializer: asForm,
});
const byWords = await client.POST("/v1/search", { body: { query: "humpback whales" } });
const refused = await client.POST("/v1/search", { body: { query: " " } });
const added: string | undefined = uploaded.data?.uploads[0]?.document?.document_id;
const listed = await client.GET("/v1/documents", { params: { query: { sort: "name", state: ["queued"] } } });
console.log(
  JSON.stringify({
    added,
    queued: listed.data?.documents.map((each) => each.document_id),
    byImage: byImage.data?.hits.map((hit) => [hit.document.document_id, hit.page_number]),
    byWords: byWords.data?.hits[0]?.document.name,
    refused: refused.error?.code,
  }),
);
