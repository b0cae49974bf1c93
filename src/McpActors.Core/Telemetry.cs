namespace McpActors.Core;

/// <summary>
/// Every meter, span and tag name of the product, so that dashboards and alerts have one place to look.
/// Spans and the two operation histograms follow the OpenTelemetry semantic conventions for MCP (status: Development); the rest is ours.
/// Tags are bounded: server, tool, method, outcome; never a session, a URI or an argument.
/// </summary>
public static class Telemetry
{
    /// <summary>The activity source of every span that this product starts.</summary>
    public const string Source = "McpActors";

    /// <summary>Bucket bounds in seconds of the operation histograms, as the conventions publish them.</summary>
    public static readonly double[] DurationBuckets = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 30, 60, 120, 300];

    /// <summary>Span attributes.</summary>
    public static class Tags
    {
        public const string Method = "mcp.method.name";
        public const string ProtocolVersion = "mcp.protocol.version";
        public const string Session = "mcp.session.id";
        public const string RequestId = "jsonrpc.request.id";
        public const string StatusCode = "rpc.response.status_code";
        public const string ErrorType = "error.type";
        public const string Tool = "gen_ai.tool.name";
        public const string Prompt = "gen_ai.prompt.name";
        public const string Operation = "gen_ai.operation.name";
        public const string ExecuteTool = "execute_tool";
        public const string Transport = "network.transport";
        public const string ServerAddress = "server.address";
        public const string ServerPort = "server.port";
        public const string Server = "mcpactors.server";
        public const string Attempt = "mcpactors.attempt";
        public const string CacheHit = "mcpactors.cache.hit";

        /// <summary>The value of <see cref="ErrorType"/> when a tool answered <c>isError: true</c>.</summary>
        public const string ToolError = "tool_error";
    }

    /// <summary>Prometheus metric names: base units, <c>_total</c> for counters.</summary>
    public static class Metrics
    {
        public const string ServerOperationDuration = "mcp_server_operation_duration_seconds";
        public const string ClientOperationDuration = "mcp_client_operation_duration_seconds";
        public const string Calls = "mcpactors_calls_total";
        public const string Attempts = "mcpactors_attempts_total";
        public const string Retries = "mcpactors_retries_total";
        public const string RetriesDenied = "mcpactors_retries_denied_total";
        public const string Rejections = "mcpactors_rejections_total";
        public const string CircuitState = "mcpactors_circuit_state";
        public const string CircuitTransitions = "mcpactors_circuit_transitions_total";
        public const string CacheRequests = "mcpactors_cache_requests_total";
        public const string CacheEntries = "mcpactors_cache_entries";
        public const string CacheBytes = "mcpactors_cache_bytes";
        public const string InFlight = "mcpactors_calls_in_flight";
        public const string Permits = "mcpactors_permits_in_use";
        public const string QueueLength = "mcpactors_queue_length";
        public const string LeasePermits = "mcpactors_lease_permits";
        public const string LeasePermitsInUse = "mcpactors_lease_permits_in_use";
        public const string LeaseQueueLength = "mcpactors_lease_queue_length";
        public const string LeaseCalls = "mcpactors_lease_calls_total";
        public const string LeaseBypassed = "mcpactors_lease_not_admitted_total";
        public const string ProcessStarts = "mcpactors_process_starts_total";
        public const string ProcessExits = "mcpactors_process_exits_total";
        public const string UpstreamSessions = "mcpactors_upstream_sessions_opened_total";
        public const string UpstreamSessionsLost = "mcpactors_upstream_sessions_lost_total";
        public const string SelfHealed = "mcpactors_self_healed_total";
        public const string Connections = "mcpactors_upstream_connections";
        public const string ReplicaOutstanding = "mcpactors_replica_outstanding_calls";
        public const string ReplicaInUse = "mcpactors_replica_in_use";
        public const string ReplicaEjections = "mcpactors_replica_ejections_total";
        public const string Processes = "mcpactors_processes";
        public const string ClientSessions = "mcpactors_client_sessions";
        public const string JournalDegraded = "mcpactors_journal_degraded";
        public const string JournalQueued = "mcpactors_journal_queued_events";
        public const string JournalSecondWriters = "mcpactors_journal_second_writers_total";
        public const string JournalDropped = "mcpactors_journal_dropped_events_total";
        public const string ConfigRevision = "mcpactors_config_revision";
        public const string ConfigDrift = "mcpactors_config_drift";
        public const string ConfigUnreadable = "mcpactors_config_unreadable";
        public const string ServerHealth = "mcpactors_server_health";
        public const string HealthProbes = "mcpactors_health_probes_total";
        public const string AlertsFiring = "mcpactors_alerts_firing";
        public const string AlertDeliveries = "mcpactors_alert_deliveries_total";
        public const string Dropped = "mcpactors_stream_messages_dropped_total";
        public const string SourceServers = "mcpactors_source_servers";
        public const string SourceQuestions = "mcpactors_source_questions_total";
        public const string BuildInfo = "mcpactors_build_info";
    }
}
