package io.twinport.agent.recorder;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Enabled;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** A connect that was refused. */
@Name("twinport.Refused")
@Label("Refused")
@Category("Twinport")
@Description("A connect was refused, here or by a listener of this process")
@Enabled
@StackTrace
final class RefusedEvent extends LostSanEvent {}
