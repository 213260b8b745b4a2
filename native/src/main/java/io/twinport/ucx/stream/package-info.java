/**
 * The streams of a connection over a pipe: frames, credit, and the bytes that have arrived or are
 * to be sent. Uses {@code ucx.pipe}. Where to start reading: {@link
 * io.twinport.ucx.stream.UcxStreams}.
 */
package io.twinport.ucx.stream;
