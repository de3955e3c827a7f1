"use client";

import { useEffect } from "react";
import { create } from "zustand";

export const useCrumb = create<{ label: string | null }>(() => ({ label: null }));

/** The last part of the breadcrumb, where it is the name of a thing: a data set, a job. */
export function Crumb({ label }: { label: string }) {
  useEffect(() => {
    useCrumb.setState({ label });
    return () => useCrumb.setState({ label: null });
  }, [label]);
  return null;
}
