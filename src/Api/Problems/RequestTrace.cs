using System.Diagnostics;

namespace Serve.Api.Problems;

/// <summary>By what a request is found in the log.</summary>
internal static class RequestTrace
{
    /// <summary>The id of the trace that the request belongs to, where traces are collected; else that of its connection and its number there.</summary>
    public static string IdOf(HttpContext context) => Activity.Current?.TraceId.ToString() ?? context.TraceIdentifier;
}
