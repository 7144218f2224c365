import { Suspense } from "react";
import { Provider } from "urql";
import { Route, Switch, useLocation } from "wouter";
import { NotFoundPage } from "@/app/NotFoundPage";
import { PageBoundary } from "@/app/PageBoundary";
import { ROUTES } from "@/app/routes";
import { Shell } from "@/app/Shell";
import { Loading } from "@/design/Loading";
import { client } from "@/graph/client";
import { RequireRole } from "@/identity/RequireRole";

/** The whole application: the frame, and in it the page of the route table that the address names. */
export function App() {
  const [location] = useLocation();
  return (
    <Provider value={client}>
      <Shell>
        <PageBoundary key={location}>
          <Suspense fallback={<Loading what="page" />}>
            <Switch>
              {ROUTES.map(({ path, Page, roles }) => (
                <Route key={path} path={path}>
                  {roles ? (
                    <RequireRole roles={roles}>
                      <Page />
                    </RequireRole>
                  ) : (
                    <Page />
                  )}
                </Route>
              ))}
              <Route>
                <NotFoundPage />
              </Route>
            </Switch>
          </Suspense>
        </PageBoundary>
      </Shell>
    </Provider>
  );
}
