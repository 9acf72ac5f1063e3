using System.Text.RegularExpressions;
using Serve.Api.Access;
using Serve.Api.Datasets;
using Serve.Api.Evaluation;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Problems;
using Serve.Eval;
using Serve.Eval.Datasets;
using Serve.Eval.Usb;

namespace Serve.Api.Leaderboards;

/// <summary>Checks a leaderboard that is to be opened or changed, and reports every fault at once.</summary>
internal sealed partial class LeaderboardRequestCheck(DatasetCatalogue datasets, TimeProvider time)
{
    private const int LongestTitle = 200;
    private const int LongestDescription = 4000;
    private const int MostDatasets = 20;
    private const int MostSubmissions = 100_000;
    private const int UsualSubmissions = 10;

    private static readonly Dictionary<string, string> ProtocolOfRole = new(StringComparer.Ordinal)
    {
        ["coco"] = UsbProtocol.Coco.Name,
        ["wod"] = UsbProtocol.Wod.Name,
        ["m109s"] = UsbProtocol.M109s.Name,
    };

    /// <summary>Whether methods of a protocol compete in the divisions of the USB benchmark.</summary>
    public static bool HasDivisions(string protocol) => protocol == UsbProtocol.Coco.Name;

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public async Task<StoredLeaderboard> CheckAsync(LeaderboardRequest request, Caller caller, CancellationToken ct)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        if (request.Name is null || !Name().IsMatch(request.Name))
            faults["name"] = [$"The name is {(request.Name is null ? "missing" : $"\"{request.Name}\"")}; it needs 1 to 64 letters, digits and . _ -, and begins with a letter or digit."];
        CheckTexts(request.Title, request.Description, request.SubmissionsPerDay, faults);
        var now = time.GetUtcNow();
        if (request.ClosesAt <= now)
            faults["closesAt"] = [$"\"closesAt\" is {request.ClosesAt:u}, which is past."];
        var protocol = request.Protocol ?? Protocols.Default;
        if (Protocols.Find(protocol) is null)
            faults["protocol"] = [$"There is no protocol \"{protocol}\". Protocols: {string.Join(", ", Protocols.Names)}."];
        else if (ProtocolOfRole.Any(role => role.Value == protocol && !HasDivisions(protocol)))
            faults["protocol"] = [$"A leaderboard of \"{protocol}\" is opened under \"{UsbProtocol.Coco.Name}\", with a dataset of that role."];
        var rows = await DatasetsAsync(request, protocol, caller, faults, ct);
        RequestFaults.Refuse(faults);
        return new(
            new()
            {
                Name = request.Name!,
                Title = request.Title ?? request.Name!,
                Description = request.Description,
                Protocol = protocol,
                Owner = caller.Name,
                CreatedAt = now.UtcDateTime,
                ClosesAt = request.ClosesAt?.UtcDateTime,
                SubmissionsPerDay = request.SubmissionsPerDay ?? UsualSubmissions,
            },
            rows);
    }

    /// <exception cref="RequestRefusedException">400 with an <c>errors</c> object: field to faults.</exception>
    public static void Check(LeaderboardChange change)
    {
        var faults = new SortedDictionary<string, string[]>(StringComparer.Ordinal);
        CheckTexts(change.Title, change.Description, change.SubmissionsPerDay, faults);
        RequestFaults.Refuse(faults);
    }

    private static void CheckTexts(string? title, string? description, int? submissions, SortedDictionary<string, string[]> faults)
    {
        if (title is not null && (string.IsNullOrWhiteSpace(title) || title.Length > LongestTitle))
            faults["title"] = [$"The title has {title.Length:N0} characters; it needs 1 to {LongestTitle}, not only blanks."];
        if (description?.Length > LongestDescription)
            faults["description"] = [$"The description has {description.Length:N0} characters; at most {LongestDescription:N0} are allowed."];
        if (submissions is < 1 or > MostSubmissions)
            faults["submissionsPerDay"] = [$"\"submissionsPerDay\" is {submissions}; it must be 1 to {MostSubmissions}."];
    }

    private async Task<IReadOnlyList<LeaderboardDatasetRow>> DatasetsAsync(
        LeaderboardRequest request, string protocol, Caller caller, SortedDictionary<string, string[]> faults, CancellationToken ct)
    {
        var asked = request.Datasets ?? [];
        if (asked.Count is 0 or > MostDatasets)
        {
            faults["datasets"] = [$"\"datasets\" has {asked.Count} entries; a leaderboard measures on 1 to {MostDatasets}. Datasets: {string.Join(", ", (await datasets.NamesAsync(ct)).DefaultIfEmpty("none"))}."];
            return [];
        }
        var (rows, wrong) = (new List<LeaderboardDatasetRow>(), new List<string>());
        for (var place = 0; place < asked.Count; place++)
        {
            try
            {
                rows.Add(await DatasetAsync(asked[place], place, request.Name ?? "", protocol, caller, ct));
            }
            catch (InvalidInputException fault)
            {
                wrong.Add($"datasets[{place}]: {fault.Message}");
            }
        }
        foreach (var twice in rows.GroupBy(row => row.Dataset).Where(group => group.Count() > 1))
            wrong.Add($"datasets[{twice.Last().Place}]: dataset \"{twice.Key}\" stands there twice.");
        if (HasDivisions(protocol))
            wrong.AddRange(rows.GroupBy(row => row.Protocol).Where(group => group.Count() > 1)
                .Select(twice => $"datasets[{twice.Last().Place}]: two datasets have the role \"{ProtocolOfRole.Single(role => role.Value == twice.Key).Key}\"; each is for one."));
        if (wrong.Count > 0)
            faults["datasets"] = [.. wrong];
        return rows;
    }

    private async Task<LeaderboardDatasetRow> DatasetAsync(LeaderboardDatasetRequest asked, int place, string leaderboard, string protocol, Caller caller, CancellationToken ct)
    {
        if (asked.Name is null)
            throw new InvalidInputException("\"name\" is missing.");
        if (!HasDivisions(protocol) && asked.Role is not null)
            throw new InvalidInputException($"\"role\" is for the protocol {UsbProtocol.Coco.Name}; this leaderboard's is {protocol}.");
        if (HasDivisions(protocol) && (asked.Role is null || !ProtocolOfRole.ContainsKey(asked.Role)))
            throw new InvalidInputException($"\"role\" is {(asked.Role is null ? "missing" : $"\"{asked.Role}\"")}; under {protocol} it must be one of {string.Join(", ", ProtocolOfRole.Keys)}, whose rules then hold for the dataset.");
        var opened = await datasets.OpenAsync(asked.Name, asked.Version, ct);
        if (opened.Known.Dataset.Visibility == DatasetVisibility.Private && !caller.Owns(opened.Known.Dataset.Owner))
            throw new InvalidInputException($"the annotations of dataset \"{asked.Name}\" are private: only its owner and administrators open a leaderboard on it.");
        var row = new LeaderboardDatasetRow
        {
            Leaderboard = leaderboard,
            Dataset = opened.Folder.Name,
            Place = place,
            Version = opened.Known.Version.Version,
            Split = SplitChoice.Of(opened.Folder, asked.Split),
            Protocol = asked.Role is null ? protocol : ProtocolOfRole[asked.Role],
        };
        if (Protocols.Find(row.Protocol) is { } rules)
            await RequireReadableAsync(opened.Folder, row.Split, rules, ct);
        return row;
    }

    /// <summary>Nobody could submit to a leaderboard whose protocol asks for what the annotations do not have.</summary>
    private async Task RequireReadableAsync(DatasetFolder folder, string split, Protocol protocol, CancellationToken ct)
    {
        var dataset = await datasets.ReadAsync(folder, split, protocol.Parts, ct);
        if (protocol.Parts is AnnotationParts.Segmentations)
            dataset.RequireMasks($"{folder.Name}/{split}");
    }

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._-]{0,63}\z")]
    private static partial Regex Name();
}
