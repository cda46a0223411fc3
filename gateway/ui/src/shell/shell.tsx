import { Skeleton } from '@mantine/core';
import { useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { useMe } from '../api/queries.ts';
import { OfflineNote } from '../live/offline-note.tsx';
import { BrandMark } from './brand-mark.tsx';
import { ErrorState } from './error-state.tsx';
import { overlaysId } from './overlays.ts';
import { ProfileMenu } from './profile-menu.tsx';
import classes from './shell.module.css';

/** What every page stands in: skip link, main menu, profile, and the page itself. */
export function Shell() {
  const me = useMe();
  const main = useFocusOnNavigation();
  const { pathname } = useLocation();
  return (
    <>
      <a href="#main" className={classes.skip}>
        Skip to content
      </a>
      <header className={classes.header}>
        <div className={classes.bar}>
          <NavLink to="/my-sources" className={classes.brand} aria-label="Credential Renewal, home">
            <BrandMark />
            <span className={classes.brandName}>Credential Renewal</span>
          </NavLink>
          <nav aria-label="Main menu" className={classes.menu}>
            <NavLink
              to="/my-sources"
              className={classes.link}
              data-active={pathname === '/my-sources' || undefined}
            >
              My sources
            </NavLink>
            <NavLink
              to="/workspaces"
              className={classes.link}
              data-active={pathname.startsWith('/workspaces') || undefined}
            >
              Workspaces
            </NavLink>
          </nav>
          {me.data ? <ProfileMenu me={me.data} /> : <Skeleton circle height={34} />}
        </div>
      </header>
      <main id="main" ref={main} tabIndex={-1} className={classes.main}>
        {me.isLoadingError ? (
          <ErrorState error={me.error} onRetry={() => me.refetch()} />
        ) : (
          // Known once, it stays: a gateway that is away for a moment takes no page from anybody.
          <Outlet />
        )}
        <div id={overlaysId} />
      </main>
      <OfflineNote />
    </>
  );
}

/** A new page starts at its top, for eyes and for screen readers; the first one is left to the browser. */
function useFocusOnNavigation() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}
