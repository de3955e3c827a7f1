"use client";

import dynamic from "next/dynamic";
import { useEffect, useRef, useState } from "react";

import { useRecipeBook } from "@/entities/recipe/queries";
import type { JobOut } from "@/lib/api/generated/types.gen";

const Line = dynamic(() => import("./main-curve-line").then((module) => module.MainCurveLine), { ssr: false });

const NEAR = "200px 0px";

interface MainCurveProps {
  job: JobOut;
  width?: number;
  height?: number;
}

/** The main curve of a job in small, live. Its points are fetched when it first comes into view. */
export function MainCurve({ job, width = 96, height = 24 }: MainCurveProps) {
  const place = useRef<HTMLSpanElement>(null);
  const [isSeen, setSeen] = useState(false);
  const metric = useRecipeBook().mainMetric(job.recipe);
  const hasCurve = metric !== undefined && job.latest_metrics[metric.name] !== undefined;
  useEffect(() => {
    const element = place.current;
    if (!element || isSeen) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && setSeen(true), { rootMargin: NEAR });
    observer.observe(element);
    return () => observer.disconnect();
  }, [isSeen]);
  return (
    <span ref={place} className="block shrink-0" style={{ width, height }}>
      {isSeen && hasCurve && <Line job={job} metric={metric} width={width} height={height} />}
    </span>
  );
}
