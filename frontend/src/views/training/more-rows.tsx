"use client";

import { useTranslations } from "next-intl";
import { useEffect, useEffectEvent, useRef } from "react";

import { Button } from "@/components/ui/button";

interface MoreRowsProps {
  isFetching: boolean;
  onMore: () => void;
}

/** The next page, by itself when its end comes near, and by a button. */
export function MoreRows({ isFetching, onMore }: MoreRowsProps) {
  const t = useTranslations("training");
  const place = useRef<HTMLDivElement>(null);
  const more = useEffectEvent(onMore);
  useEffect(() => {
    const element = place.current;
    if (!element || isFetching) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && more(), { rootMargin: "400px 0px" });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isFetching]);
  return (
    <div ref={place} className="flex justify-center border-t p-2">
      <Button variant="quiet" pending={isFetching} onClick={onMore}>
        {t("more")}
      </Button>
    </div>
  );
}
