using Microsoft.Extensions.DependencyInjection;
using Serve.Api.Evaluation.Storage;
using Serve.Api.Leaderboards.Storage;
using Serve.Api.Storage;
using Serve.Eval;
using Serve.Eval.Statistics;

namespace Serve.Api.Tests.Leaderboards;

/// <summary>A leaderboard with as many submissions as a popular one has.</summary>
public sealed class LargeLeaderboardTests : BoardServer
{
    private const int Submissions = 1000;
    private const int Resamples = 1000;

    [Fact]
    public async Task A_thousand_submissions_are_ranked_and_one_more_is_ranked_among_them()
    {
        await OpenAsync();
        NumberSamples[] samples = [.. Enumerable.Range(0, Submissions).Select(Made)];
        await AddAsync(samples);

        var rows = await RowsAsync();
        await DoneAsync(Alice, "one more", right: 24);
        var after = await RowsAsync();

        var ranks = PairedRanks.Of(samples, ct: Token);
        Assert.Equal(Submissions, rows.Count);
        Assert.All(rows, row => Assert.Equal(ranks[int.Parse(((string)row["method"]!)[1..])], (int)row["rank"]!));
        Assert.Equal(rows.Select(row => (int)row["rank"]!).Order(), rows.Select(row => (int)row["rank"]!));
        Assert.Equal(("one more", 1), ((string)after[0]["method"]!, (int)after[0]["rank"]!));
        Assert.Equal(Submissions + 1, after.Count);
    }

    private async Task AddAsync(NumberSamples[] samples)
    {
        await using var db = await Server.Services.GetRequiredService<DatabaseFactory>().CreateDbContextAsync(Token);
        var start = DateTime.UtcNow;
        for (var i = 0; i < samples.Length; i++)
        {
            var (id, at) = (Guid.CreateVersion7(start.AddMilliseconds(i)).ToString("N"), start.AddMilliseconds(i));
            db.Add(new EvaluationRow { Id = id, State = EvaluationState.Done, Dataset = "first", Split = "test", DatasetHash = "hash", Protocol = "coco-bbox", CreatedAt = at, FinishedAt = at });
            db.Add(new SubmissionRow { Id = id, Leaderboard = "board", Method = $"m{i}", Submitter = "bob", Kind = SubmissionKind.Detections, SubmittedAt = at });
            db.Add(new SubmissionEvaluationRow { Submission = id, Place = 0, Evaluation = id });
            db.Add(new ScoreRow { EvaluationId = id, Value = samples[i].Value, Lower = 0, Upper = 1, Numbers = "{\"AP\":0.5}", Samples = samples[i].ToBytes() });
        }
        await db.SaveChangesAsync(Token);
    }

    private static NumberSamples Made(int i)
    {
        var random = new SplitMix64(3, i);
        var value = random.NextDouble(0.2, 0.6);
        return new(value, value, [.. Enumerable.Range(0, Resamples).Select(_ => value + random.NextDouble(-0.02, 0.02))]);
    }
}
