using Serve.Api.Problems;
using Serve.Api.Wire;

namespace Serve.Api.OpenInference;

/// <summary>An inference over HTTP: reads the request, holds it against the model, has it answered, and writes the answer.</summary>
internal static class InferenceExchange
{
    /// <summary>Answers a request whose body has been read.</summary>
    /// <exception cref="RequestRefusedException">The request is wrong, or its answer cannot be written as it asks.</exception>
    public static async Task AnswerAsync(HttpContext context, PooledBytes body, IInferenceView view, CancellationToken ct)
    {
        var length = InferenceRequestReader.HeaderLength(context.Request, body.Length);
        using var request = length == 0 ? RawBody.Read(body.Memory, view) : InferenceRequestReader.Read(body.Memory, length);
        RequestChecks.RequireInputs(request, view);
        var (outputs, binary) = RequestChecks.Outputs(request, view);
        using var answer = await InferAsync(body, request, view, outputs, ct);
        await InferenceAnswerWriter.WriteAsync(context.Response, view, request.Id, answer, binary, ct);
    }

    private static async Task<InferenceAnswer> InferAsync(
        PooledBytes body, InferenceRequest request, IInferenceView view, IReadOnlyList<string> outputs, CancellationToken ct)
    {
        try
        {
            return await view.InferAsync(request, outputs, ct);
        }
        catch (OperationCanceledException)
        {
            request.Abandon();
            body.Abandon();
            throw;
        }
    }
}
