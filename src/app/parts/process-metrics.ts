import { performance } from "node:perf_hooks";
import type { ExpositionWriter } from "../../telemetry/metrics/exposition.ts";

/** Writes the process's use of CPU and memory, with the metric names of Prometheus client libraries. */
export function writeProcessMetrics(writer: ExpositionWriter): void {
  const { user, system } = process.cpuUsage();
  const memory = process.memoryUsage();
  writer.family("process_cpu_seconds_total", "counter", "User and system CPU time spent, in seconds.");
  writer.sample("", (user + system) / 1e6);
  writer.family("process_resident_memory_bytes", "gauge", "Resident memory, in bytes.");
  writer.sample("", memory.rss);
  writer.family("process_start_time_seconds", "gauge", "When the process began, in seconds since the Unix epoch.");
  writer.sample("", performance.timeOrigin / 1_000);
  writer.family("nodejs_heap_size_used_bytes", "gauge", "Used part of the JavaScript heap, in bytes.");
  writer.sample("", memory.heapUsed);
  writer.family("nodejs_external_memory_bytes", "gauge", "Memory of buffers outside the heap, in bytes.");
  writer.sample("", memory.external);
  writer.family("nodejs_eventloop_active_seconds_total", "counter", "Time the event loop was busy, in seconds.");
  writer.sample("", performance.eventLoopUtilization().active / 1_000);
}
