package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
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
final class FallbackEvent extends LostSanEvent {}
