/** What a request can read about the subscription behind its key (S2.5). Readers ignore members they do not know. */
export interface MonetizationSubscription {
  id: string;
  customerId: string;
  name: string;
  status: string;
  currency: string;
  plan: { id: string; key: string; name: string; version: number; description?: string };
  entitlements: Record<string, { balance: number; hasAccess: boolean; overage: number; usage: number }>;
  paymentStatus?: {
    status: "paid" | "not_required" | "pending" | "failed" | "uncollectible";
    isFirstPayment: boolean;
    lastPaymentFailedAt?: string;
    lastPaymentSucceededAt?: string;
  };
  /** ISO 8601 duration. */
  billingCadence: string;
  billingAnchor: string;
  nextBillingDate: string;
  activeFrom: string;
  activeTo?: string;
  maxPaymentOverdueDays: number;
  accessBlocked?: boolean;
  createdAt: string;
  updatedAt: string;
}

/** Who called: what `request.user` is elsewhere. */
export interface Identity {
  /** The key's consumer; the subscription's id where the key has none. */
  consumer: string;
  subscriptionId: string;
}
