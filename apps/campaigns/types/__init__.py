"""What crosses the border of the campaign engine: records, enumerations and errors."""

from apps.campaigns.states import AttentionKind, CommunicationState, TaskOutcome, TaskState
from apps.campaigns.types.calls import (
    CallEffects,
    CallEvent,
    CallEventKind,
    DialRequest,
    DueTask,
    HungUpBy,
    SystemDisposition,
)
from apps.campaigns.types.candidates import AddedCandidates, Candidate, Withdrawal
from apps.campaigns.types.changes import (
    REASON_LENGTH,
    AskedBy,
    ChangedTasks,
    LeftBecause,
)
from apps.campaigns.types.communications import (
    CommunicationView,
    LiveCommunication,
    OperatorDay,
    PromisedCall,
    ResultCount,
    TalkTimes,
)
from apps.campaigns.types.configuration import CampaignSpec, DispositionSpec
from apps.campaigns.types.counts import (
    CallBehind,
    CallCount,
    CallFilter,
    ChangedHours,
    TaskCount,
)
from apps.campaigns.types.decisions import DecisionVerdict, NewDecision, Step, StoryEntry
from apps.campaigns.types.errors import (
    CampaignNotFoundError,
    CommunicationNotFoundError,
    CorrectionTooLateError,
    IllegalMoveError,
    InvalidResultError,
    ResultConflictError,
)
from apps.campaigns.types.floor import Callbacks, CampaignAtWork, ConversationNow
from apps.campaigns.types.found import (
    FoundConversation,
    FoundDoNotCall,
    FoundTask,
    NextCall,
    NextStep,
)
from apps.campaigns.types.results import (
    Corrected,
    Correction,
    DispositionChoice,
    DoNotCallEffect,
    FormChoices,
    ListedPhone,
    Meaning,
    ReasonChoice,
    ResultForm,
    ResultOfCampaign,
)
from apps.campaigns.types.tasks import TaskStanding
from apps.campaigns.types.workload import UnfinishedTasks, Workload

__all__ = [
    "REASON_LENGTH",
    "AddedCandidates",
    "AskedBy",
    "AttentionKind",
    "CallBehind",
    "CallCount",
    "CallEffects",
    "CallEvent",
    "CallEventKind",
    "CallFilter",
    "Callbacks",
    "CampaignAtWork",
    "CampaignNotFoundError",
    "CampaignSpec",
    "Candidate",
    "ChangedHours",
    "ChangedTasks",
    "CommunicationNotFoundError",
    "CommunicationState",
    "CommunicationView",
    "ConversationNow",
    "Corrected",
    "Correction",
    "CorrectionTooLateError",
    "DecisionVerdict",
    "DialRequest",
    "DispositionChoice",
    "DispositionSpec",
    "DoNotCallEffect",
    "DueTask",
    "FormChoices",
    "FoundConversation",
    "FoundDoNotCall",
    "FoundTask",
    "HungUpBy",
    "IllegalMoveError",
    "InvalidResultError",
    "LeftBecause",
    "ListedPhone",
    "LiveCommunication",
    "Meaning",
    "NewDecision",
    "NextCall",
    "NextStep",
    "OperatorDay",
    "PromisedCall",
    "ReasonChoice",
    "ResultConflictError",
    "ResultCount",
    "ResultForm",
    "ResultOfCampaign",
    "Step",
    "StoryEntry",
    "SystemDisposition",
    "TalkTimes",
    "TaskCount",
    "TaskOutcome",
    "TaskStanding",
    "TaskState",
    "UnfinishedTasks",
    "Withdrawal",
    "Workload",
]
