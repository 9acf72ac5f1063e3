using Serve.Api.Evaluation.Gallery;
using Serve.Api.Evaluation.Jobs;
using Serve.Api.Evaluation.Storage;

namespace Serve.Api.Evaluation;

/// <summary>Registers evaluations: what stores them, and the jobs that do them.</summary>
internal static class EvaluationSetup
{
    public static IServiceCollection AddEvaluation(this IServiceCollection services)
    {
        services.AddSingleton<EvaluationStore>().AddSingleton<EvaluationQueries>().AddSingleton<Waiting>().AddSingleton<EvaluatedModels>();
        services.AddSingleton<EvaluationRequestReader>().AddSingleton<EvaluationRequestCheck>().AddSingleton<EvaluationEvents>().AddSingleton<ShardWindow>().AddSingleton<EvaluationQueue>().AddSingleton<GalleryMaker>();
        services.AddHostedService<EvaluationReconciler>();
        return services;
    }
}
