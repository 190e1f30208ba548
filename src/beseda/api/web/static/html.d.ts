// What the modules know of the library.
export interface Signal<T> {
  value: T;
  peek(): T;
}
export type Ref<T> = { current: T };
export type Cleanup = void | (() => void);
export const Fragment: unknown;
export function html(strings: TemplateStringsArray, ...values: unknown[]): unknown;
export function icon(name: string): unknown;
export function render(what: unknown, where: Element): void;
export function signal<T>(value: T): Signal<T>;
export function computed<T>(make: () => T): { readonly value: T };
export function effect(run: () => Cleanup): () => void;
export function batch<T>(run: () => T): T;
export function useSignal<T>(value: T): Signal<T>;
export function useMemo<T>(make: () => T, of: unknown[]): T;
export function useRef<T>(value: T): Ref<T>;
export function steady<P>(view: (props: P) => unknown): unknown;
export function useEffect(run: () => Cleanup, on?: unknown[]): void;
export function useLayoutEffect(run: () => Cleanup, on?: unknown[]): void;
