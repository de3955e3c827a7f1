"use client";

import dynamic from "next/dynamic";

import { useAsked } from "./asked";

const LabelDialog = dynamic(() => import("./label-dialog").then((module) => module.LabelDialog), { ssr: false });
const DeleteDialog = dynamic(() => import("./delete-dialog").then((module) => module.DeleteDialog), { ssr: false });

/** The two dialogs about a thing, once for all pages. */
export function AskedDialogs() {
  const { labelled, doomed } = useAsked();
  return (
    <>
      {labelled && <LabelDialog key={labelled.id} thing={labelled} onClose={() => useAsked.setState({ labelled: null })} />}
      {doomed && <DeleteDialog {...doomed} onClose={() => useAsked.setState({ doomed: null })} />}
    </>
  );
}
