package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A connection that a listener of this process has accepted. */
@Name("twinport.Accept")
@Label("Accept")
@Category("Twinport")
@Description("A connection that a listener of this process has accepted, over the SAN or over TCP")
@Enabled
@StackTrace(false)
final class AcceptEvent extends AddressedEvent {
  @Label("Path")
  @Description("The SAN provider, or tcp")
  String path;
}
