using Serve.Api.Leaderboards.Storage;

namespace Serve.Api.Leaderboards;

/// <summary>Registers leaderboards and what is submitted to them.</summary>
internal static class LeaderboardsSetup
{
    public static IServiceCollection AddLeaderboards(this IServiceCollection services)
        => services.AddSingleton<LeaderboardStore>().AddSingleton<SubmissionStore>().AddSingleton<UsbModel>().AddSingleton<Standings>().AddSingleton<LeaderboardViews>()
            .AddSingleton<LeaderboardRequestCheck>().AddSingleton<SubmissionReader>().AddSingleton<SubmissionCheck>().AddSingleton<SubmissionMaker>().AddSingleton<SubmittedModels>();
}
