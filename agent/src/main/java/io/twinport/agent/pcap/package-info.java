/**
 * What the command {@code capture} makes of the records that a process sends: TCP packets, and
 * files in the format pcapng. Knows the records ({@code io.twinport.capture.CaptureFormat}) and
 * nothing else of the switch; no class of it is loaded in an application. Start reading at {@link
 * io.twinport.agent.pcap.Conversations}.
 */
package io.twinport.agent.pcap;
