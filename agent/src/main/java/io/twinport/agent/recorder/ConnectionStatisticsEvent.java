package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.Period;
import jdk.jfr.StackTrace;

/** How a connection stands. */
@Name("twinport.ConnectionStatistics")
@Label("Connection Statistics")
@Category("Twinport")
@Description("How the open connections stand, those first that have most unread bytes")
@Enabled
@Period("10 s")
@StackTrace(false)
final class ConnectionStatisticsEvent extends AddressedEvent {
  @Label("Path")
  @Description("The SAN provider, or tcp")
  String path;

  @Label("Accepted")
  @Description("Whether a listener of this process has accepted it")
  boolean accepted;

  @Label("Reason")
  @Description("Why it is on TCP")
  String reason;

  @Label("State")
  String state;

  @Label("Peer")
  @Description("The peer's process, as this one sees it; 0 if that is not known")
  int peerPid;

  @Label("Received")
  @Description("Bytes read so far; on the SAN")
  @DataAmount
  long receivedBytes;

  @Label("Sent")
  @Description("Bytes written so far; on the SAN")
  @DataAmount
  long sentBytes;

  @Label("Receive Queue")
  @Description("Bytes that have come and were not read yet; on the SAN")
  @DataAmount
  long receiveQueue;

  @Label("Send Queue")
  @Description("Bytes that were written and the peer has not read yet; on the SAN")
  @DataAmount
  long sendQueue;
}
