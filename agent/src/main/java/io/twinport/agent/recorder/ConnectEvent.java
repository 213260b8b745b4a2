package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Threshold;

/** A connection that this process has made, and how long that took. */
@Name("twinport.Connect")
@Label("Connect")
@Category("Twinport")
@Description("A connection that this process has made, over the SAN or over TCP")
@Enabled
@Threshold("0 ns")
@StackTrace(false)
final class ConnectEvent extends AddressedEvent {
  @Label("Path")
  @Description("The SAN provider, or tcp")
  String path;

  @Label("Reason")
  @Description("Why it is on TCP")
  String reason;
}
