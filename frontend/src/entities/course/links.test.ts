import { expect, it } from "vitest";

import { hrefOf } from "./links";

const NOTHING = { dataset_id: null, job_ids: [], model: null, base: null };

it.each([
  [{ ...NOTHING, page: "add_data" }, "/datasets?add=1"],
  [{ ...NOTHING, page: "dataset", dataset_id: "ds_1" }, "/datasets/ds_1"],
  [{ ...NOTHING, page: "new_training", dataset_id: "ds_1" }, "/training/new?dataset=ds_1"],
  [{ ...NOTHING, page: "new_training", dataset_id: "ds_1", job_ids: ["job_1"] }, "/training/new?from=job_1"],
  [{ ...NOTHING, page: "training", job_ids: ["job_1"] }, "/training/job_1"],
  [{ ...NOTHING, page: "comparison", job_ids: ["job_1", "job_2"] }, "/training/compare?ids=job_1,job_2"],
  [{ ...NOTHING, page: "chat", model: "ft:a:b", base: "bundled:c" }, "/chat?model=ft%3Aa%3Ab&base=bundled%3Ac"],
  [{ ...NOTHING, page: "models" }, "/models"],
] as const)("leads to the right page with the right thing selected: %o", (link, href) => {
  expect(hrefOf({ ...link, job_ids: [...link.job_ids] })).toBe(href);
});
