import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

const NEAR_PX = 40;

/** Keeps the end of what grows in sight, until the reader scrolls up; goes on when they come back to the end. */
export function useFollowEnd(): {
  frame: RefObject<HTMLDivElement | null>;
  content: RefObject<HTMLDivElement | null>;
  isFollowing: boolean;
  onScroll: () => void;
  toEnd: () => void;
} {
  const frame = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const lastTop = useRef(0);
  const following = useRef(true);
  const [isFollowing, setFollowing] = useState(true);

  const follow = useCallback((wanted: boolean) => {
    following.current = wanted;
    setFollowing(wanted);
  }, []);
  const jump = useCallback(() => {
    if (frame.current) frame.current.scrollTop = frame.current.scrollHeight;
  }, []);

  useEffect(() => {
    if (!content.current || !frame.current) return;
    const observer = new ResizeObserver(() => following.current && jump());
    observer.observe(content.current);
    observer.observe(frame.current);
    return () => observer.disconnect();
  }, [jump]);

  const onScroll = useCallback(() => {
    const box = frame.current;
    if (!box) return;
    const isNear = box.scrollHeight - box.scrollTop - box.clientHeight <= NEAR_PX;
    // Only a hand moves it up; what grows moves the end away without moving the view.
    if (isNear) follow(true);
    else if (box.scrollTop < lastTop.current) follow(false);
    lastTop.current = box.scrollTop;
  }, [follow]);

  const toEnd = useCallback(() => {
    follow(true);
    jump();
  }, [follow, jump]);

  return { frame, content, isFollowing, onScroll, toEnd };
}
