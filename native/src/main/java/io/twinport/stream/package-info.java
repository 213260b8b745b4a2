/**
 * What the streams of all providers have in common: how the end of a stream is shown to the
 * application, and what keeps the two who touch a stream apart. Nothing here knows memory or a
 * wire; uses nothing else of ours. Where to start reading: {@link io.twinport.stream.Ending}.
 */
package io.twinport.stream;
