import { firstRow } from '@hallpass/database';
import { Metrics } from '@hallpass/service-kit';
import { Injectable } from '@nestjs/common';

/** Tells Prometheus how far webhooks are behind, all of them together. */
@Injectable()
export class OutboxLag {
  constructor(metrics: Metrics) {
    metrics.sampled(
      {
        hallpass_deliveries_pending: 'Deliveries that are not done: due, or waiting for their next try',
        hallpass_deliveries_dead: 'Deliveries that were given up and are kept',
        hallpass_delivery_overdue_seconds: 'Since the oldest delivery that is due became so; 0: none is due',
      },
      (sql) =>
        firstRow(
          sql,
          `select count(*)::int hallpass_deliveries_pending,
             (select count(*)::int from webhook_deliveries where status = 'dead') hallpass_deliveries_dead,
             greatest(0, coalesce(extract(epoch from now() - min(d.due_at)), 0))::float8 hallpass_delivery_overdue_seconds
           from webhook_deliveries d join webhooks w on w.id = d.webhook_id
           where d.status = 'pending' and w.is_enabled`,
        ),
    );
  }
}
