package io.twinport.agent.recorder;

import io.twinport.registry.PathEvent;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A connection or a listener on TCP that could have been on the SAN. */
@Name("twinport.Fallback")
@Label("Fallback")
@Category("Twinport")
@Description("A connection, or a listener, is on TCP that could have been on the SAN")
@Enabled
@StackTrace
final class FallbackEvent extends Event {
  @Label("Side")
  @Description("client, or listener")
  String side;

  @Label("Local Address")
  @Description("The listener's; of a client, nothing")
  String localAddress;

  @Label("Local Port")
  int localPort;

  @Label("Remote Address")
  String remoteAddress;

  @Label("Remote Port")
  int remotePort;

  @Label("Reason")
  String reason;

  @Label("Provider")
  @Description("The SAN provider, where it is one's")
  String provider;

  @Label("Detail")
  String detail;

  void fill(PathEvent happened) {
    side = happened.atListener() ? "listener" : "client";
    localAddress = RecordedPaths.address(happened.local());
    localPort = RecordedPaths.port(happened.local());
    remoteAddress = RecordedPaths.address(happened.peer());
    remotePort = RecordedPaths.port(happened.peer());
    reason = happened.reason().code();
    provider = happened.provider();
    detail = happened.detail();
  }
}
