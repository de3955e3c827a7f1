import { useSyncExternalStore } from "react";
import { create } from "zustand";

import type { DatasetAdded } from "@/lib/api/generated/types.gen";

import type { Reading } from "./queries";
import { isPasted } from "./pasted-file";
import { TusUpload, type UploadState } from "./tus";
import { fingerprintOf } from "./tus-helpers";

/** What a person decided about a file that is on its way. */
export interface UploadDraft {
  name: string;
  reading: Reading;
  /** It has arrived, and can be saved as it is read now. */
  ready?: boolean;
}

interface Uploads {
  uploads: readonly TusUpload[];
  drafts: ReadonlyMap<TusUpload, UploadDraft>;
  /** Ids of uploads that were given up or became data sets here. */
  over: readonly string[];
  /** What became data sets since the page was loaded, newest first. */
  added: readonly DatasetAdded[];
  /** Begin to send files; several at once. A file that is on its way already is not sent twice. */
  add: (files: Iterable<File>) => void;
  decide: (upload: TusUpload, part: Partial<UploadDraft>) => void;
  /** Give an upload up. */
  remove: (upload: TusUpload) => Promise<void>;
  /** Take an upload off the list once its data set has been made. */
  settle: (upload: TusUpload, added?: DatasetAdded) => Promise<void>;
  /** No longer tell of a data set that was added. */
  dismiss: (datasetId: string) => void;
}

/** Files on their way; they go on while one looks at other pages. */
export const useUploads = create<Uploads>((set, get) => {
  const without = (gone: TusUpload) =>
    set(({ uploads, drafts, over }) => ({
      over: [...over, gone.getState().uploadId ?? ""],
      uploads: uploads.filter((one) => one !== gone),
      drafts: new Map([...drafts].filter(([one]) => one !== gone)),
    }));
  return {
    uploads: [],
    drafts: new Map(),
    over: [],
    added: [],
    add: (files) => {
      const { uploads } = get();
      const isNew = (file: File) => !uploads.some((upload) => isSameFile(upload.file, file));
      const begun = [...files].filter(isNew).map(uploadOf);
      set(({ drafts }) => ({
        uploads: [...uploads, ...begun],
        drafts: new Map([...drafts, ...begun.map((one) => [one, { name: stemOf(one.file.name), reading: {} }] as const)]),
      }));
      for (const upload of begun) void upload.start();
    },
    decide: (upload, part) =>
      set(({ uploads, drafts }) => {
        if (!uploads.includes(upload)) return {};
        const draft = drafts.get(upload) ?? { name: stemOf(upload.file.name), reading: {} };
        return { drafts: new Map([...drafts, [upload, { ...draft, ...part }]]) };
      }),
    remove: async (upload) => {
      without(upload);
      await upload.remove();
    },
    settle: async (upload, added) => {
      without(upload);
      if (added) {
        set((state) => ({ added: [added, ...state.added.filter((one) => one.dataset.id !== added.dataset.id)] }));
      }
      upload.done(await fingerprintOf(upload.file));
    },
    dismiss: (datasetId) => set(({ added }) => ({ added: added.filter((one) => one.dataset.id !== datasetId) })),
  };
});

/** Nobody can choose pasted rows again, and their text outlives a reload by itself: such an upload is not remembered. */
function uploadOf(file: File): TusUpload {
  return new TusUpload(file, isPasted(file) ? { storage: null } : {});
}

/** How one upload stands. */
export function useUploadState(upload: TusUpload): UploadState {
  return useSyncExternalStore(upload.watch, upload.getState, upload.getState);
}

/** The name of a file without what tells its format. */
export function stemOf(fileName: string): string {
  return fileName.replace(/\.[^.]{1,10}$/, "") || fileName;
}

function isSameFile(one: File, other: File): boolean {
  return one.name === other.name && one.size === other.size && one.lastModified === other.lastModified;
}

/** The ids of the uploads that are on their way here, as one says them. */
export function useUploadIds(): readonly string[] {
  const uploads = useUploads((store) => store.uploads);
  const told = useSyncExternalStore(
    (tell) => {
      const ends = uploads.map((upload) => upload.watch(tell));
      return () => ends.forEach((end) => end());
    },
    () => uploads.map((upload) => upload.getState().uploadId ?? "").join(" "),
    () => "",
  );
  return told.split(" ").filter(Boolean);
}
