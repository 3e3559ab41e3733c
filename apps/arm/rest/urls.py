from django.urls import path

from apps.arm.rest import views

urlpatterns = [
    path("login", views.LoginView.as_view()),
    path("logout", views.LogoutView.as_view()),
    path("takeOver", views.TakeOverView.as_view()),
    path("hasChanges", views.HasChangesView.as_view()),
    path("changes", views.ChangesView.as_view()),
    path("getClientCard", views.ClientCardView.as_view()),
    path("getClientCardByCommunicationId", views.ClientCardByIdView.as_view()),
    path("listCommunications", views.ReworkListView.as_view()),
    path("saveCommunicationDraft", views.SaveDraftView.as_view()),
    path("saveCommunicationResult", views.SaveResultView.as_view()),
    path("correctResult", views.CorrectResultView.as_view()),
    path("dictionaries", views.DictionariesView.as_view()),
    path("revealPhone", views.RevealPhoneView.as_view()),
    path("day", views.DayView.as_view()),
    path("setStatus", views.SetStatusView.as_view()),
]
