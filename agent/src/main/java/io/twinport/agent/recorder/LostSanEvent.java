package io.twinport.agent.recorder;

import io.twinport.registry.PathEvent;
import jdk.jfr.Description;
import jdk.jfr.Label;

/** Something did not become a connection on the SAN. */
abstract class LostSanEvent extends AddressedEvent {
  @Label("Side")
  @Description("client, or listener")
  String side;

  @Label("Reason")
  String reason;

  @Label("Provider")
  @Description("The SAN provider, where it is one's")
  String provider;

  @Label("Detail")
  String detail;

  /** A client has no local address here. */
  final void record(PathEvent happened) {
    side = happened.atListener() ? "listener" : "client";
    between(happened.local(), happened.peer());
    reason = happened.reason().code();
    provider = happened.provider();
    detail = happened.detail();
    commit();
  }
}
