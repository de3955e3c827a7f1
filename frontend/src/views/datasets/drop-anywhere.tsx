"use client";

import { FileDown } from "lucide-react";
import { useTranslations } from "next-intl";
import { useEffect, useRef, useState } from "react";

/** Files may be dropped anywhere on the page; while they hover over it, it says so. */
export function DropAnywhere({ onFiles }: { onFiles: (files: File[]) => void }) {
  const t = useTranslations("datasets.add");
  const [over, setOver] = useState(false);
  const take = useRef(onFiles);
  useEffect(() => {
    take.current = onFiles;
  }, [onFiles]);
  useEffect(() => watchDrops(setOver, (files) => take.current(files)), []);
  if (!over) return null;
  return (
    <div className="pointer-events-none fixed inset-0 z-40 grid place-items-center bg-veil">
      <p className="layer flex items-center gap-2 border-2 border-dashed border-ai px-6 py-4 text-base font-semibold">
        <FileDown className="size-5 text-ai" aria-hidden />
        {t("dropHere")}
      </p>
    </div>
  );
}

function watchDrops(setOver: (over: boolean) => void, onFiles: (files: File[]) => void): () => void {
  let depth = 0; // each element that is entered and left on the way tells of it
  const move = (by: number) => {
    depth = Math.max(0, depth + by);
    setOver(depth > 0);
  };
  const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
  const enter = (event: DragEvent) => carriesFiles(event) && move(1);
  const leave = (event: DragEvent) => carriesFiles(event) && move(-1);
  const stay = (event: DragEvent) => carriesFiles(event) && event.preventDefault();
  const drop = (event: DragEvent) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    setOver(false);
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length > 0) onFiles(files);
  };
  const listeners = { dragenter: enter, dragleave: leave, dragover: stay, drop } as const;
  for (const [name, listener] of Object.entries(listeners)) window.addEventListener(name, listener as EventListener);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) window.removeEventListener(name, listener as EventListener);
  };
}
