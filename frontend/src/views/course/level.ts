"use client";

import { createContext, useContext } from "react";

export const CourseLevel = createContext(0);

/** The level of the course around. */
export function useCourseLevel(): number {
  return useContext(CourseLevel);
}
