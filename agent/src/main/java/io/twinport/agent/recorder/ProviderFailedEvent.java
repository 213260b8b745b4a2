package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A SAN provider has failed. */
@Name("twinport.ProviderFailed")
@Label("Provider Failed")
@Category("Twinport")
@Description("A SAN provider has failed, or could not be loaded or started")
@Enabled
@StackTrace
final class ProviderFailedEvent extends Event {
  @Label("Provider")
  @Description("Nothing if it is all of them")
  String provider;

  @Label("Detail")
  String detail;
}
