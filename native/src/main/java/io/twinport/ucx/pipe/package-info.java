/**
 * What carries bytes to one peer and back, in order: a pipe, the one lock under which all of them
 * are, and the chunks that are sent. Knows neither frames nor UCX. Where to start reading: {@link
 * io.twinport.ucx.pipe.PipeDriver}.
 */
package io.twinport.ucx.pipe;
