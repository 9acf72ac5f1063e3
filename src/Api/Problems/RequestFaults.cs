namespace Serve.Api.Problems;

/// <summary>The refusal of a request with all its faults at once.</summary>
internal static class RequestFaults
{
    private const int MostInDetail = 20;

    /// <summary>Refuses a request that has faults.</summary>
    /// <param name="faults">Field to faults.</param>
    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object.</exception>
    public static void Refuse(IDictionary<string, string[]> faults)
    {
        if (faults.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, DetailOf([.. faults.Values.SelectMany(list => list)])).With("errors", faults.ToDictionary());
    }

    /// <summary>The faults of a refusal, field to faults; null where it is none of a request's fields.</summary>
    public static IReadOnlyDictionary<string, string[]>? Of(RequestRefusedException refusal) => refusal.Extensions.GetValueOrDefault("errors") as IReadOnlyDictionary<string, string[]>;

    /// <summary>All faults, or as many as a person reads; the <c>errors</c> hold them all.</summary>
    private static string DetailOf(string[] faults) => faults.Length <= MostInDetail
        ? string.Join(" ", faults)
        : $"{string.Join(" ", faults.Take(MostInDetail))} And {faults.Length - MostInDetail} more, in \"errors\".";
}
