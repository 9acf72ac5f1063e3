using Serve.Api.Comparisons.Storage;

namespace Serve.Api.Comparisons;

/// <summary>Registers comparisons.</summary>
internal static class ComparisonsSetup
{
    public static IServiceCollection AddComparisons(this IServiceCollection services)
        => services.AddSingleton<ComparisonStore>().AddSingleton<ComparisonRequestCheck>().AddSingleton<ComparisonMaker>();
}
