import { Activity, Bell, Book, Boxes, ClipboardCheck, Database, FlaskConical, House, type LucideIcon, MessagesSquare, Search, Server } from "lucide-react";
import type { Route } from "next";

import type { ja } from "../../../messages/ja";

interface PageEntry {
  /** Its name in `nav` of the messages. */
  name: keyof typeof ja.nav.pages;
  href: Route;
  icon: LucideIcon;
  /** Keys that lead there. */
  keys?: string;
  /** Where it stands in the rail; null: only in the breadcrumb and the palette. */
  place: "work" | "support" | null;
}

/** Every page that has a fixed address. Rail, drawer, breadcrumb, palette and shortcuts are drawn from this list. */
export const PAGES: readonly PageEntry[] = [
  { name: "home", href: "/", icon: House, keys: "g h", place: "work" },
  { name: "datasets", href: "/datasets", icon: Database, keys: "g d", place: "work" },
  { name: "models", href: "/models", icon: Boxes, keys: "g m", place: "work" },
  { name: "findModel", href: "/models/find", icon: Search, place: null },
  { name: "training", href: "/training", icon: Activity, keys: "g t", place: "work" },
  { name: "newTraining", href: "/training/new", icon: Activity, keys: "n", place: null },
  { name: "compare", href: "/training/compare", icon: Activity, place: null },
  { name: "evaluations", href: "/evaluate", icon: ClipboardCheck, keys: "g e", place: "work" },
  { name: "chat", href: "/chat", icon: MessagesSquare, keys: "g c", place: "work" },
  { name: "playground", href: "/playground", icon: FlaskConical, keys: "g p", place: "work" },
  { name: "learn", href: "/learn", icon: Book, keys: "g l", place: "support" },
  { name: "notifications", href: "/notifications", icon: Bell, place: "support" },
  { name: "system", href: "/system", icon: Server, keys: "g s", place: "support" },
];

export type PageName = PageEntry["name"];

/** The pages above and at an address, outermost first; the first page stands above none. */
export function trailOf(pathname: string): PageEntry[] {
  return PAGES.filter(({ href }) => pathname === href || (href !== "/" && pathname.startsWith(`${href}/`))).sort(
    (one, other) => one.href.length - other.href.length,
  );
}
