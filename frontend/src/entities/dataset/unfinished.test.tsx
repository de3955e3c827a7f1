import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { renderHook, waitFor } from "@testing-library/react";
import type { PropsWithChildren } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

import type { TusUpload } from "./tus";
import { remember } from "./tus-helpers";
import { useUnfinishedUploads } from "./unfinished";
import { useUploads } from "./use-uploads";

const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname.split("/").at(-1)}`);
    return new Response(null, { headers: { "upload-offset": "5" } });
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  localStorage.clear();
  useUploads.setState({ uploads: [], over: [] });
});

test("only uploads of earlier visits are asked for: one that is being saved here may be gone from the API", async () => {
  for (const name of ["earlier", "here", "saved"]) remember(localStorage, `${name}.csv|10|1|x`, `up_${name}`);
  const here = { getState: () => ({ uploadId: "up_here" }) } as unknown as TusUpload;
  useUploads.setState({ uploads: [here], over: ["up_saved"] });
  const client = new QueryClient();
  const { result } = renderHook(() => useUnfinishedUploads(), {
    wrapper: ({ children }: PropsWithChildren) => <QueryClientProvider client={client}>{children}</QueryClientProvider>,
  });
  await waitFor(() => expect(result.current.data?.map(({ uploadId }) => uploadId)).toEqual(["up_earlier"]));
  expect(asked).toEqual(["HEAD up_earlier"]);
});
