using System.Text.RegularExpressions;
using Serve.Api.Limits;
using Serve.Api.Problems;

namespace Serve.Api.Access;

/// <summary>What a key is made for.</summary>
internal sealed record CheckedKey(string Name, Role Role, DateTime? ExpiresAt, double? PerSecond, int? Burst);

/// <summary>Checks what is asked of a new key, all of it at once.</summary>
internal static partial class KeyRequestCheck
{
    private const double MostPerSecond = 1_000_000;

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public static CheckedKey Check(KeyRequest request, DateTimeOffset now)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        if (request.Name is null || !Name().IsMatch(request.Name))
            faults["name"] = [$"The name is {Quoted(request.Name)}; it needs 1 to 64 letters, digits, spaces and . _ @ -, and begins with a letter or digit."];
        else if (request.Name == Caller.LocalName)
            faults["name"] = [$"The name \"{Caller.LocalName}\" is everyone's where no key is needed; choose another."];
        var role = RoleNames.Find(request.Role);
        if (role is null)
            faults["role"] = [$"The role is {Quoted(request.Role)}; allowed: {string.Join(", ", RoleNames.All)}."];
        if (request.ExpiresAt <= now)
            faults["expiresAt"] = [$"The key would end at {request.ExpiresAt:u}, and it is {now:u}."];
        if (request.Rate is { } rate && (rate.PerSecond is not (> 0 and <= MostPerSecond) || rate.Burst is < 1 or > (int)MostPerSecond))
            faults["rate"] = [$"The rate is {rate.PerSecond} a second, {rate.Burst ?? RateOptions.UsualBurst} at once; allowed: above 0 to {MostPerSecond:N0} a second, 1 to {MostPerSecond:N0} at once."];
        if (faults.Count > 0)
            throw new RequestRefusedException(StatusCodes.Status400BadRequest, string.Join(" ", faults.Values.SelectMany(list => list))).With("errors", faults.ToDictionary());
        return new CheckedKey(request.Name!, role!.Value, request.ExpiresAt?.UtcDateTime, request.Rate?.PerSecond, request.Rate is null ? null : request.Rate.Burst ?? RateOptions.UsualBurst);
    }

    private static string Quoted(string? text) => text is null ? "missing" : $"\"{text}\"";

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}\z")]
    private static partial Regex Name();
}
