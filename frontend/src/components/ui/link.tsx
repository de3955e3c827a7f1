"use client";

import type { Route } from "next";
import NextLink from "next/link";
import { type ComponentProps, useState } from "react";

/**
 * A way to another page, fetched as soon as a pointer or the focus is on it. A page of links that fetched all of them
 * when they come into view would do so while it waits for what it shows itself.
 */
export function Link({ onPointerEnter, onFocus, ...rest }: ComponentProps<typeof NextLink<Route>>) {
  const [isMeant, setMeant] = useState(false);
  return (
    <NextLink
      {...rest}
      prefetch={isMeant}
      onPointerEnter={(event) => {
        setMeant(true);
        onPointerEnter?.(event);
      }}
      onFocus={(event) => {
        setMeant(true);
        onFocus?.(event);
      }}
    />
  );
}
