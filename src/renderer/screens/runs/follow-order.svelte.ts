const SETTLE_MS = 200

interface Planned<Order> {
  /** What starting would order; null while the form is not filled in. */
  readonly order: Order | null
  updatePlan(order: Order): Promise<void>
}

/** Asks for the plan anew when the order is another one and has been so for a moment. For the script of a component. */
export function followOrder<Order>(form: () => Planned<Order>): void {
  const text = $derived(form().order === null ? null : JSON.stringify(form().order))
  $effect(() => {
    if (text === null) return
    const order = JSON.parse(text) as Order // written above
    const timer = setTimeout(() => void form().updatePlan(order), SETTLE_MS)
    return () => {
      clearTimeout(timer)
    }
  })
}
